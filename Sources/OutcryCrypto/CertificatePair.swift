import COpenSSL

/// A certificate and its private key as libcrypto holds them; freed in deinit.
@safe final class CertificatePair {
    let certificate: OpaquePointer
    let key: OpaquePointer

    /// Takes both over.
    init(_ certificate: OpaquePointer, _ key: OpaquePointer) {
        unsafe self.certificate = unsafe certificate
        unsafe self.key = unsafe key
    }

    /// Reads both from PEM text.
    convenience init(certificate: String, key: String) throws(CryptoError) {
        ERR_clear_error()
        var found: (certificate: OpaquePointer?, key: OpaquePointer?) = (nil, nil)
        unsafe Self.withMemory(certificate) {
            unsafe found.certificate = unsafe PEM_read_bio_X509($0, nil, refusePassword, nil)
        }
        unsafe Self.withMemory(key) {
            unsafe found.key = unsafe PEM_read_bio_PrivateKey($0, nil, refusePassword, nil)
        }
        guard let made = unsafe found.certificate, let secret = unsafe found.key else {
            let lacksKey = unsafe found.certificate != nil
            unsafe X509_free(found.certificate)
            unsafe EVP_PKEY_free(found.key)
            ERR_clear_error()
            throw lacksKey
                ? .unusable(what: "a private key", expected: "PEM text, not encrypted")
                : .unusable(what: "a certificate", expected: "PEM text")
        }
        unsafe self.init(made, secret)
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    // MARK: Text

    private static func withMemory(_ text: String, _ body: (OpaquePointer) -> Void) {
        var bytes = Array(text.utf8)
        // A key's bytes do not stay in memory that is free.
        defer { unsafe OPENSSL_cleanse(&bytes, bytes.count) }
        unsafe bytes.withUnsafeBytes { buffer in
            guard let memory = unsafe outcry_tls_memory(buffer.baseAddress, Int32(buffer.count))
            else { return }
            unsafe body(memory)
            unsafe BIO_free(memory)
        }
    }

    /// What `body` writes.
    static func text(_ body: (OpaquePointer?) -> Int32) -> String {
        let memory = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free(memory) }
        _ = unsafe body(memory)
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = unsafe BIO_read(memory, &bytes, Int32(bytes.count))
        defer { unsafe OPENSSL_cleanse(&bytes, bytes.count) }
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }
}

/// Nobody is there to be asked for a password.
private func refusePassword(
    _ text: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32,
    _ owner: UnsafeMutableRawPointer?
) -> Int32 { -1 }
