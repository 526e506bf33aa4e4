import OutcryVenues

/// Why a private call is not let in.
///
/// - Source: the protocol reference, section 3.4: attested are the words, the status 403 and the
///   tokens `login_error_missing_rest_key` and `login_error_invalid_nonce`; the other tokens are the
///   sandbox's own, by analogy (``isAttested``).
enum AccessRefusal: Error, Hashable, CustomStringConvertible {
    /// No `Rest-Key`.
    case noKey
    /// `Rest-Key` is no GUID, or nobody's.
    case unknownKey
    /// No `Rest-Sign`.
    case noSignature
    /// `Rest-Sign` cannot be read, or is not what the key makes of the call.
    case badSignature(MtGoxSigningError?)
    /// An `op:call` that cannot be read.
    case badCall(MtGoxSigningError)
    /// The nonce or tonce is missing, doubled or no number.
    case badStamp(MtGoxSigningError)
    /// Not greater than the last one.
    case nonceNotGreater(found: UInt64, last: UInt64)
    /// Too far from the server's time, both in microseconds since 1970.
    case tonceOutside(found: UInt64, now: Int64)
    /// Used before.
    case tonceUsed(UInt64)
    /// More than are remembered for the twenty seconds they matter.
    case tooManyTonces(Int)
    /// The key lacks the right, or has none of several.
    case missingRight(AccessRights, has: AccessRights)

    /// The status of the HTTP answer.
    var status: Int { 403 }

    /// The words for a client of version 1 or 2; the same for all that are not let in at all, so
    /// that nothing is learnt of a key.
    var message: String {
        switch self {
        case .missingRight(let wanted, _):
            "This API key lacks the right \(wanted.names.joined(separator: " or ")) (sandbox)"
        default: "Identification required to access private API"
        }
    }

    /// What a program of version 1 or 2 tells the cases apart by.
    var token: String {
        switch self {
        case .noKey: "login_error_missing_rest_key"
        // One for both: which keys there are is nobody's business.
        case .unknownKey, .noSignature, .badSignature, .badCall: "login_error_invalid_rest_sign"
        case .badStamp, .nonceNotGreater: "login_error_invalid_nonce"
        case .tonceOutside, .tonceUsed, .tooManyTonces: "login_error_invalid_tonce"
        case .missingRight: "sandbox_missing_right"
        }
    }

    /// Whether the token is one that clients are known to have got.
    var isAttested: Bool {
        switch self {
        case .noKey, .badStamp, .nonceNotGreater: true
        default: false
        }
    }

    /// The words of version 0.
    var oldMessage: String { "Not logged in." }

    /// The words of the remark that answers an `op:call`.
    var remark: String {
        switch self {
        case .missingRight: message
        default: "Invalid call"
        }
    }

    /// One line with the numbers, for logs; nothing of a secret.
    var description: String {
        switch self {
        case .noKey: "expected Rest-Key, found none"
        case .unknownKey: "expected a key that exists, found another"
        case .noSignature: "expected Rest-Sign, found none"
        case .badSignature(let error?): "\(error)"
        case .badSignature(nil): "expected the key's signature of the call, found another"
        case .badCall(let error), .badStamp(let error): "\(error)"
        case .nonceNotGreater(let found, let last):
            "expected a nonce above \(last), found \(found)"
        case .tonceOutside(let found, let now):
            "expected a tonce within 10 s of \(now), found \(found)"
        case .tonceUsed(let value): "expected a tonce never used before, found \(value) again"
        case .tooManyTonces(let limit): "expected at most \(limit) tonces in 20 s, found more"
        case .missingRight(let wanted, let rights):
            "expected the right \(wanted), found \(rights.isEmpty ? "none" : "\(rights)")"
        }
    }
}
