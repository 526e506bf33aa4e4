import COpenSSL

/// One hash in progress: owns a context of libcrypto and frees it.
///
/// The only place of this module where a digest's pointers are handled. Invariant: `context` is a
/// context of `EVP_MD_CTX_new` that is initialized for the algorithm given to `init` and that this
/// value alone owns; it lives until `deinit`.
@safe struct Digest: ~Copyable {
    private let context: OpaquePointer

    init(_ algorithm: OpaquePointer?) {
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("libcrypto has memory for a digest")
        }
        let started = unsafe EVP_DigestInit_ex(context, algorithm, nil)
        precondition(started == 1, "libcrypto has this digest")
        unsafe self.context = context
    }

    mutating func update(_ bytes: Span<UInt8>) {
        let taken = unsafe bytes.withUnsafeBytes {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        precondition(taken == 1, "libcrypto takes bytes before the end")
    }

    consuming func finish(byteCount: Int) -> [UInt8] {
        [UInt8](capacity: byteCount) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                var size: UInt32 = 0
                let ended = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &size)
                precondition(ended == 1 && Int(size) == byteCount, "libcrypto ends a digest")
                initialized = byteCount
            }
        }
    }

    deinit { unsafe EVP_MD_CTX_free(context) }
}
