import COpenSSL
import COutcrySystem
import OutcryKernel

// Certificates, keys and authorities, from text or files.

extension TLSContext {
    /// Wants the other side to prove itself.
    func setTrust(_ trust: TLSTrust, isServer: Bool) throws(TLSFailure) {
        let mode = SSL_VERIFY_PEER | (isServer ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        unsafe SSL_CTX_set_verify(pointer, mode, watchCheck)
        switch trust {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw TLSError.options("the system's authorities", "to be read")
            }
        case .authorities(let source):
            let store = unsafe SSL_CTX_get_cert_store(pointer)
            for certificate in try Self.certificates(source, "authorities") {
                guard unsafe X509_STORE_add_cert(store, certificate.pointer) == 1 else {
                    throw TLSError.options("authorities \(source)", "a certificate")
                }
                if isServer {
                    _ = unsafe SSL_CTX_add_client_CA(pointer, certificate.pointer)
                }
            }
        }
    }

    /// Shows this certificate, and proves it by this key.
    func setIdentity(_ identity: TLSIdentity) throws(TLSFailure) {
        let chain = try Self.certificates(identity.chain, "certificate")
        let name = "certificate \(identity.chain)"
        for (i, certificate) in chain.enumerated() {
            if i == 0 {
                guard unsafe SSL_CTX_use_certificate(pointer, certificate.pointer) == 1 else {
                    throw TLSError.options(name, "a certificate that may be used")
                }
            } else {
                guard unsafe outcry_tls_add_chain(pointer, certificate.pointer) == 1 else {
                    throw TLSError.options(name, "a certificate that may be used")
                }
                certificate.isOwned = false
            }
        }
        let key = try unsafe Self.key(identity.key)
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, key) == 1,
            unsafe SSL_CTX_check_private_key(pointer) == 1
        else { throw TLSError.options(name, "the key \(identity.key) to belong to it") }
    }

    private static func certificates(
        _ source: PEMSource, _ what: String
    ) throws(TLSFailure) -> [Certificate] {
        let name = "\(what) \(source)"
        var found: [Certificate] = []
        try unsafe withMemory(source, name) { memory in
            while let next = unsafe PEM_read_bio_X509(memory, nil, refusePassword, nil) {
                unsafe found.append(Certificate(next))
            }
        }
        let code = ERR_peek_last_error()
        let isAtEnd =
            ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
        guard isAtEnd else { throw TLSError.options(name, "certificates as PEM text") }
        ERR_clear_error()
        guard !found.isEmpty else {
            throw TLSFailure(
                .options, name: name, expected: "at least one certificate as PEM text",
                found: "none")
        }
        return found
    }

    private static func key(_ source: PEMSource) throws(TLSFailure) -> OpaquePointer {
        var key: OpaquePointer?
        try unsafe withMemory(source, "key \(source)") { memory in
            unsafe key = unsafe PEM_read_bio_PrivateKey(memory, nil, refusePassword, nil)
        }
        guard let key = unsafe key else {
            throw TLSError.options("key \(source)", "a private key as PEM text, not encrypted")
        }
        return unsafe key
    }

    /// Calls `body` with libssl's view of a text.
    private static func withMemory(
        _ source: PEMSource, _ name: String, _ body: (OpaquePointer) -> Void
    ) throws(TLSFailure) {
        ERR_clear_error()
        var bytes: [UInt8]
        switch source {
        case .text(let text): bytes = Array(text.utf8)
        case .file(let path):
            do { bytes = try FileWork.read(path) } catch {
                throw TLSFailure(
                    .options, name: name, expected: "a file that can be read", found: "\(error)")
            }
        }
        // A key's bytes do not stay in memory that is free.
        defer { unsafe OPENSSL_cleanse(&bytes, bytes.count) }
        let isDone = unsafe bytes.withUnsafeBytes { buffer in
            guard let memory = unsafe outcry_tls_memory(buffer.baseAddress, Int32(buffer.count))
            else { return false }
            unsafe body(memory)
            unsafe BIO_free(memory)
            return true
        }
        guard isDone else { throw TLSError.options(name, "PEM text") }
    }

    /// A certificate that is freed unless libssl has taken it over.
    @safe private final class Certificate {
        let pointer: OpaquePointer
        var isOwned = true
        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
        deinit { if isOwned { unsafe X509_free(pointer) } }
    }
}

/// Nobody is there to be asked for a password.
private func refusePassword(
    _ text: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32,
    _ owner: UnsafeMutableRawPointer?
) -> Int32 { -1 }

/// libssl has checked a certificate of the other side: what failed is kept for the report, and the verdict
/// is never changed.
private func watchCheck(_ isGood: Int32, _ check: OpaquePointer?) -> Int32 {
    guard isGood == 0, let check = unsafe check, let ssl = unsafe outcry_tls_checked(check),
        let connection = unsafe TLSConnection.owner(of: ssl)
    else { return isGood }
    unsafe connection.noteRejection(check)
    return isGood
}
