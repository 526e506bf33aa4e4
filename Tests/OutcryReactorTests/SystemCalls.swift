import COutcrySystem

// Under names of their own, so that test files that import Glibc need no second module of the same calls.

func outcryOption(_ number: Int32, _ level: Int32, _ name: Int32) -> Int32 {
    outcry_get_option(number, level, name)
}

@unsafe func outcryLimit(_ soft: inout UInt64, _ hard: inout UInt64) -> Int32 {
    unsafe outcry_descriptor_limit(&soft, &hard)
}

func outcrySetLimit(_ soft: UInt64, _ hard: UInt64) -> Int32 {
    outcry_set_descriptor_limit(soft, hard)
}
