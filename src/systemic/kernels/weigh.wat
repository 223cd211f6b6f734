;; Sums of rows of float64 times weights: out[t] = Σ weight[k] · row[k][t].
;;
;; `rows` is the address of `count` 32-bit addresses of rows, `weights` that of as many float64 weights, at least one; a row has
;; `bytes`, a multiple of 64. Adds 1 to below[t] where the sum is below 0. Returns 1 if any is, plus 2 if any is within `near`
;; of 0. Eight places at a time, two in a vector; weights inside, so that sums stay in registers.
;; `npx tsx scripts/assemble.ts` writes weigh-wasm.ts from this.
(module
  (import "plimsoll" "memory" (memory 1))
  (func (export "weigh")
    (param $rows i32) (param $weights i32) (param $count i32) (param $bytes i32)
    (param $out i32) (param $below i32) (param $near f64)
    (result i32)
    (local $end i32) (local $t i32) (local $row i32) (local $weight i32) (local $from i32) (local $at i32)
    (local $by v128) (local $is v128) (local $any v128) (local $close v128) (local $limit v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $limit (f64x2.splat (local.get $near)))
    (loop $places
      (local.set $a (v128.const f64x2 0 0))
      (local.set $b (v128.const f64x2 0 0))
      (local.set $c (v128.const f64x2 0 0))
      (local.set $d (v128.const f64x2 0 0))
      (local.set $row (local.get $rows))
      (local.set $weight (local.get $weights))
      (loop $sums
        (local.set $from (i32.add (i32.load (local.get $row)) (local.get $t)))
        (local.set $by (v128.load64_splat (local.get $weight)))
        (local.set $a (f64x2.add (local.get $a) (f64x2.mul (local.get $by) (v128.load (local.get $from)))))
        (local.set $b (f64x2.add (local.get $b) (f64x2.mul (local.get $by) (v128.load offset=16 (local.get $from)))))
        (local.set $c (f64x2.add (local.get $c) (f64x2.mul (local.get $by) (v128.load offset=32 (local.get $from)))))
        (local.set $d (f64x2.add (local.get $d) (f64x2.mul (local.get $by) (v128.load offset=48 (local.get $from)))))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
        (br_if $sums (i32.lt_u (local.get $row) (local.get $end))))

      (local.set $at (i32.add (local.get $out) (local.get $t)))
      (v128.store (local.get $at) (local.get $a))
      (v128.store offset=16 (local.get $at) (local.get $b))
      (v128.store offset=32 (local.get $at) (local.get $c))
      (v128.store offset=48 (local.get $at) (local.get $d))

      (local.set $close
        (v128.or
          (local.get $close)
          (v128.or
            (v128.or
              (f64x2.le (f64x2.abs (local.get $a)) (local.get $limit))
              (f64x2.le (f64x2.abs (local.get $b)) (local.get $limit)))
            (v128.or
              (f64x2.le (f64x2.abs (local.get $c)) (local.get $limit))
              (f64x2.le (f64x2.abs (local.get $d)) (local.get $limit))))))

      ;; A comparison's mask and 1.0 is 1.0 or 0.
      (local.set $at (i32.add (local.get $below) (local.get $t)))
      (local.set $is (v128.and (f64x2.lt (local.get $a) (v128.const f64x2 0 0)) (v128.const f64x2 1 1)))
      (local.set $any (v128.or (local.get $any) (local.get $is)))
      (v128.store (local.get $at) (f64x2.add (v128.load (local.get $at)) (local.get $is)))
      (local.set $is (v128.and (f64x2.lt (local.get $b) (v128.const f64x2 0 0)) (v128.const f64x2 1 1)))
      (local.set $any (v128.or (local.get $any) (local.get $is)))
      (v128.store offset=16 (local.get $at) (f64x2.add (v128.load offset=16 (local.get $at)) (local.get $is)))
      (local.set $is (v128.and (f64x2.lt (local.get $c) (v128.const f64x2 0 0)) (v128.const f64x2 1 1)))
      (local.set $any (v128.or (local.get $any) (local.get $is)))
      (v128.store offset=32 (local.get $at) (f64x2.add (v128.load offset=32 (local.get $at)) (local.get $is)))
      (local.set $is (v128.and (f64x2.lt (local.get $d) (v128.const f64x2 0 0)) (v128.const f64x2 1 1)))
      (local.set $any (v128.or (local.get $any) (local.get $is)))
      (v128.store offset=48 (local.get $at) (f64x2.add (v128.load offset=48 (local.get $at)) (local.get $is)))

      (local.set $t (i32.add (local.get $t) (i32.const 64)))
      (br_if $places (i32.lt_u (local.get $t) (local.get $bytes))))
    (i32.or
      (v128.any_true (local.get $any))
      (i32.shl (v128.any_true (local.get $close)) (i32.const 1)))))
