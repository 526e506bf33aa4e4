import COpenSSL

/// Getting rid of secrets: what is about to be freed is overwritten first, which the compiler leaves out
/// where it is written as a loop.
///
/// It reaches the bytes that it is given. Texts of Swift, and copies that were made on the way, it cannot reach.
public enum SecretBytes {
    /// Makes every byte of an array zero.
    public static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
