import COpenSSL

/// The two prepared hashes of a key, in memory of their own that is wiped when nobody has the key any more.
///
/// Invariant: `address` is that of two initialized states, which nobody changes until `deinit`.
@safe final class HMACStates: Sendable {
    private let address: UInt

    private var states: UnsafeMutablePointer<SHA512_CTX> {
        guard let states = unsafe UnsafeMutablePointer<SHA512_CTX>(bitPattern: address) else {
            preconditionFailure("allocated memory has an address")
        }
        return unsafe states
    }

    /// The hash behind the key and the inner pad.
    var inner: SHA512 { SHA512(unsafe states[0]) }
    /// The hash behind the key and the outer pad.
    var outer: SHA512 { SHA512(unsafe states[1]) }

    init(inner: consuming SHA512, outer: consuming SHA512) {
        let states = UnsafeMutablePointer<SHA512_CTX>.allocate(capacity: 2)
        unsafe states.initialize(to: inner.state)
        unsafe (states + 1).initialize(to: outer.state)
        address = UInt(bitPattern: states)
    }

    deinit {
        unsafe OPENSSL_cleanse(states, 2 * MemoryLayout<SHA512_CTX>.stride)
        unsafe states.deallocate()
    }
}
