/**
 * The part of ONNX's protobuf schema that the graph writer needs. Field numbers and type codes are those of the ONNX
 * IR specification (https://onnx.ai/onnx/repo-docs/IR.html); everything else of the schema is left out.
 */
import { Root } from 'protobufjs'

const root = Root.fromJSON({
  nested: {
    OpsetId: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    TypeProto: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'TypeProto', id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        t: { type: 'Tensor', id: 5 },
        g: { type: 'Graph', id: 6 },
        ints: { rule: 'repeated', type: 'int64', id: 8, options: { packed: true } },
        type: { type: 'int32', id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'Attribute', id: 5 },
        domain: { type: 'string', id: 7 },
      },
    },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'Tensor', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfo', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfo', id: 12 },
      },
    },
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        producerVersion: { type: 'string', id: 3 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OpsetId', id: 8 },
        metadataProps: { rule: 'repeated', type: 'Entry', id: 14 },
      },
    },
  },
})

/** Element types, by their ONNX code. */
export const elementType = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, double: 11 } as const
export type ElementType = keyof typeof elementType

/** Attribute types, by their ONNX code. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const

export type TensorProto = { dims: number[]; dataType: number; name?: string; rawData: Uint8Array }
export type AttributeProto = {
  name: string
  type: number
  f?: number
  i?: number
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  ints?: number[]
}
export type NodeProto = {
  input: string[]
  output: string[]
  name: string
  opType: string
  attribute: AttributeProto[]
  domain: string
}
export type ValueInfoProto = {
  name: string
  type: {
    tensorType: { elemType: number; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } }
  }
}
export type GraphProto = {
  node: NodeProto[]
  name: string
  initializer: TensorProto[]
  input: ValueInfoProto[]
  output: ValueInfoProto[]
}
export type ModelProto = {
  irVersion: number
  producerName: string
  producerVersion: string
  graph: GraphProto
  opsetImport: { domain: string; version: number }[]
  metadataProps: { key: string; value: string }[]
}

/** Serialised bytes of a model; equal input gives equal bytes. Throws when the message does not fit the schema. */
export function encodeModel(model: ModelProto): Uint8Array {
  const type = root.lookupType('Model')
  const fault = type.verify(model)
  if (fault) throw new Error(`ONNX model does not fit its schema: ${fault}`)
  return type.encode(type.create(model)).finish()
}

/** Reads a model file back; int64 become numbers. Throws when the bytes are no ONNX model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const type = root.lookupType('Model')
  const options = { longs: Number, arrays: true, defaults: true }
  return type.toObject(type.decode(bytes), options) as ModelProto
}

/** The numbers of a tensor that this writer stored as raw little-endian bytes. */
export function tensorNumbers({ dataType, rawData }: TensorProto): Float64Array {
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
  const width = { 1: 4, 2: 1, 6: 4, 7: 8, 11: 8 }[dataType]
  if (width === undefined) throw new Error(`no reader for ONNX element type ${dataType}`)
  return Float64Array.from({ length: rawData.byteLength / width }, (_, i) => {
    if (dataType === elementType.float) return view.getFloat32(i * 4, true)
    if (dataType === elementType.double) return view.getFloat64(i * 8, true)
    if (dataType === elementType.int32) return view.getInt32(i * 4, true)
    if (dataType === elementType.int64) return Number(view.getBigInt64(i * 8, true))
    return view.getUint8(i)
  })
}
