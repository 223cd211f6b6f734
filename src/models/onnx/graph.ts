/**
 * A small builder for ONNX graphs: name an operator, its inputs and attributes, get the name of its output. Names are
 * counters, so the same calls give the same bytes.
 */
import {
  type AttributeProto,
  attributeType,
  type ElementType,
  elementType,
  encodeModel,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto'

const OPSET = 21
const ML_OPSET = 5
const IR_VERSION = 10

/** A constant: values with their element type and shape. int64 values must be safe integers. */
export type TensorValue = { type: ElementType; dims: readonly number[]; values: ArrayLike<number> }

/** Attributes: number = int, array = ints, `TensorValue` = tensor, `{ float }` = float, `{ graph }` = the body of a loop. */
export type AttributeValue =
  | number
  | readonly number[]
  | TensorValue
  | { float: number }
  | { graph: GraphProto }
  | string

export type GraphBuilder = {
  /** Declares an input of shape [N, width], or of fixed `dims`, and returns its name. */
  input(
    options: { name: string; type: ElementType } & (
      | { width: number }
      | { dims: readonly (number | string)[] }
    ),
  ): string
  /** Stores a constant and returns its name. */
  constant(value: TensorValue): string
  /** Adds an operator with one output and returns the output's name. */
  op(opType: string, inputs: readonly string[], options?: OpOptions): string
  /** Adds an operator with several outputs. */
  opMany(opType: string, inputs: readonly string[], outputs: number, options?: OpOptions): string[]
  /** Publishes `source` as a graph output; a dimension is a number or a symbol such as 'N'. */
  output(options: {
    name: string
    source: string
    type: ElementType
    dims: readonly (number | string)[]
  }): void
  /** The graph alone, to be the body of an operator. */
  body(name: string): GraphProto
  /** The finished file. */
  finish(options: { name: string; version: string; metadata: Record<string, string> }): Uint8Array
}

export type OpOptions = { attributes?: Record<string, AttributeValue>; domain?: '' | 'ai.onnx.ml' }

/**
 * Starts an empty graph (opset 21, ai.onnx.ml 5, IR version 10). A body sees the names of the graph around it, so its own
 * begin with a prefix.
 */
export function createGraph(prefix = ''): GraphBuilder {
  const nodes: NodeProto[] = []
  const initializers: TensorProto[] = []
  const inputs: ValueInfoProto[] = []
  const outputs: ValueInfoProto[] = []

  function opMany(opType: string, from: readonly string[], count: number, options: OpOptions = {}): string[] {
    const name = `${prefix}${opType}_${nodes.length}`
    const output = Array.from({ length: count }, (_, i) => (count === 1 ? name : `${name}_${i}`))
    const attribute = Object.entries(options.attributes ?? {}).map(([key, value]) =>
      encodeAttribute(key, value),
    )
    nodes.push({ input: [...from], output, name, opType, attribute, domain: options.domain ?? '' })
    return output
  }

  return {
    input({ name, type, ...shape }) {
      inputs.push(valueInfo(name, type, 'dims' in shape ? shape.dims : ['N', shape.width]))
      return name
    },
    constant(value) {
      const name = `${prefix}c${initializers.length}`
      initializers.push({ ...encodeTensor(value), name })
      return name
    },
    op: (opType, from, options) => opMany(opType, from, 1, options)[0]!,
    opMany,
    output({ name, source, type, dims }) {
      nodes.push({
        input: [source],
        output: [name],
        name: `out_${name}`,
        opType: 'Identity',
        attribute: [],
        domain: '',
      })
      outputs.push(valueInfo(name, type, dims))
    },
    body: (name) => ({ node: nodes, name, initializer: initializers, input: inputs, output: outputs }),
    finish({ name, version, metadata }) {
      return encodeModel({
        irVersion: IR_VERSION,
        producerName: 'plimsoll',
        producerVersion: version,
        graph: { node: nodes, name, initializer: initializers, input: inputs, output: outputs },
        opsetImport: [
          { domain: '', version: OPSET },
          { domain: 'ai.onnx.ml', version: ML_OPSET },
        ],
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      })
    },
  }
}

function valueInfo(name: string, type: ElementType, dims: readonly (number | string)[]): ValueInfoProto {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim } } } }
}

function encodeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value }
  if (typeof value === 'string') return { name, type: attributeType.string, s: Buffer.from(value) }
  if ('float' in value) return { name, type: attributeType.float, f: value.float }
  if ('graph' in value) return { name, type: attributeType.graph, g: value.graph }
  if ('dims' in value) return { name, type: attributeType.tensor, t: encodeTensor(value) }
  return { name, type: attributeType.ints, ints: [...value] }
}

/** Values as little-endian bytes, which is ONNX's raw format on every machine. */
function encodeTensor({ type, dims, values }: TensorValue): TensorProto {
  const count = dims.reduce((product, d) => product * d, 1)
  if (values.length !== count)
    throw new Error(`tensor of shape [${dims}] needs ${count} values, got ${values.length}`)
  const width = { float: 4, uint8: 1, int32: 4, int64: 8, bool: 1, double: 8 }[type]
  const bytes = new Uint8Array(count * width)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (type === 'float') view.setFloat32(i * 4, value, true)
    else if (type === 'double') view.setFloat64(i * 8, value, true)
    else if (type === 'int32') view.setInt32(i * 4, value, true)
    else if (type === 'int64') view.setBigInt64(i * 8, BigInt(value), true)
    else view.setUint8(i, value)
  }
  return { dims: [...dims], dataType: elementType[type], rawData: bytes }
}
