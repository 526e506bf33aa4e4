import COpenSSL
import COutcrySystem
import OutcryKernel

// What libssl found, in the kernel's words.

extension TLSConnection {
    /// What both sides agreed on.
    var facts: TLSFacts {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &count)
        let chosen = unsafe UnsafeBufferPointer(start: name, count: Int(count))
        let peer = unsafe outcry_tls_peer(ssl)
        defer { unsafe X509_free(peer) }
        return unsafe TLSFacts(
            version: Self.text(SSL_get_version(ssl)) ?? "",
            cipher: Self.text(SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl))) ?? "",
            applicationProtocol: chosen.isEmpty ? nil : String(decoding: chosen, as: UTF8.self),
            isResumed: SSL_session_reused(ssl) == 1,
            serverName: Self.text(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)),
            peer: peer.map { peer in
                unsafe TLSError.text { unsafe outcry_tls_subject(peer, 0, $0, $1) }
            })
    }

    private static func text(_ words: UnsafePointer<CChar>?) -> String? {
        unsafe words.map { unsafe String(cString: $0) }
    }

    // MARK: Certificates

    /// Keeps which check of a certificate failed; called while libssl verifies the chain.
    @unsafe func noteRejection(_ check: OpaquePointer) {
        guard rejection == nil else { return }
        let code = unsafe X509_STORE_CTX_get_error(check)
        let words = unsafe Self.text(X509_verify_cert_error_string(Int(code))) ?? "error \(code)"
        let kind = Self.check(code)
        let certificate = unsafe X509_STORE_CTX_get_current_cert(check)
        let subject = unsafe certificate.map { certificate in
            unsafe TLSError.text { unsafe outcry_tls_subject(certificate, 0, $0, $1) }
        }
        let of = subject.map { " of \"\($0)\"" } ?? ""
        let expected: String
        var found = "\(words)\(of)"
        switch kind {
        case .name:
            expected = "a certificate for \(name)"
            let names = unsafe certificate.map { certificate in
                unsafe TLSError.text { unsafe outcry_tls_names(certificate, $0, $1) }
            }
            found = names.flatMap { $0.isEmpty ? nil : "one for \($0)" } ?? "one without names"
        case .validity:
            expected = "a certificate that is valid now"
            if let certificate = unsafe certificate {
                let times = [Int32(0), 1].map { ofEnd in
                    unsafe TLSError.text { unsafe outcry_tls_time(certificate, ofEnd, $0, $1) }
                }
                found = "one\(of) from \(times[0]) to \(times[1])"
            }
        case .authority:
            expected = "a chain to a trusted authority"
            if let certificate = unsafe certificate {
                let issuer = unsafe TLSError.text {
                    unsafe outcry_tls_subject(certificate, 1, $0, $1)
                }
                found += " issued by \"\(issuer)\""
            }
        case .strength: expected = "keys and signatures of today's strength"
        default: expected = "certificates fit for their use"
        }
        rejection = TLSFailure(kind, name: name, expected: expected, found: found)
    }

    /// Which check it is, by X509_V_ERR_….
    private static func check(_ code: Int32) -> TLSFailure.Check {
        switch code {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .name
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_REJECTED:
            .authority
        case X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED,
            X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
            .validity
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK,
            X509_V_ERR_CERT_SIGNATURE_FAILURE:
            .strength
        default: .usage
        }
    }

    // MARK: Errors of the protocol

    /// What the error of a call was, by libssl's queue.
    static func explain(
        _ error: Int32, _ name: String, _ kind: TLSContext.Kind, isOpen: Bool
    ) -> TLSFailure {
        let (reason, words) = TLSError.take()
        func failure(_ check: TLSFailure.Check, _ expected: String, _ found: String) -> TLSFailure {
            TLSFailure(check, name: name, expected: expected, found: found)
        }
        let place = isOpen ? "a stream to its end" : "a handshake"
        switch reason {
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return failure(.truncation, place, "the end of the connection")
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return failure(.missingCertificate, "a certificate of the client", "none")
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return failure(.protocols, offered(kind), "none of them asked for")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_VERSION_NUMBER, SSL_R_WRONG_SSL_VERSION,
            SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_UNKNOWN_SSL_VERSION:
            return failure(.version, "TLS 1.2 or 1.3", words)
        case SSL_R_NO_SHARED_CIPHER, SSL_R_WRONG_CIPHER_RETURNED, SSL_R_UNKNOWN_CIPHER_RETURNED,
            SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
            return failure(.agreement, "ciphers in common (\(TLSContext.ciphers))", words)
        case SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK,
            SSL_R_DH_KEY_TOO_SMALL:
            return failure(.strength, "keys and signatures of today's strength", words)
        case SSL_AD_REASON_OFFSET..<(SSL_AD_REASON_OFFSET + 256):
            return alert(reason - SSL_AD_REASON_OFFSET, place, kind, failure)
        default:
            return failure(.integrity, place, error == SSL_ERROR_SYSCALL ? "its end" : words)
        }
    }

    /// What the other side says by its alert.
    private static func alert(
        _ number: Int32, _ place: String, _ kind: TLSContext.Kind,
        _ failure: (TLSFailure.Check, String, String) -> TLSFailure
    ) -> TLSFailure {
        let words = unsafe text(SSL_alert_desc_string_long(number)) ?? "unknown"
        let found = "the other side's alert \(number), \(words)"
        switch number {
        case SSL_AD_NO_APPLICATION_PROTOCOL: return failure(.protocols, offered(kind), found)
        case SSL_AD_PROTOCOL_VERSION: return failure(.version, "TLS 1.2 or 1.3", found)
        case SSL_AD_CERTIFICATE_REQUIRED:
            return failure(
                .missingCertificate, "no certificate of this side to be asked for", found)
        default: return failure(.alert, place, found)
        }
    }

    private static func offered(_ kind: TLSContext.Kind) -> String {
        if case .server(let options) = kind {
            return "one of the protocols " + options.protocols.joined(separator: ", ")
        }
        return "a protocol that was asked for"
    }
}
