public import OutcryComponents

/// Why the venue refused a call, told by its words and its token.
///
/// - Source: the protocol reference, sections 3.4, 8.2 and 9. The tokens of signature, tonce and rights,
///   and the words for too many requests, are known of the sandbox only.
@nonexhaustive
public enum MtGoxRefusal: Hashable, Sendable {
    /// No key, or not a good one: version 0 says no more.
    case notLoggedIn
    /// The call has no key.
    case missingKey
    /// The nonce is not greater than the last one of the key, missing, or no number.
    case invalidNonce
    /// The tonce is too far from the venue's time, or was used before.
    case invalidTonce
    /// There is no such key, or the signature is not what it makes of the call.
    case invalidSignature
    /// The key may not do this.
    case missingRight
    /// The account has no order of this name, or not any more.
    case orderNotFound
    /// Less than the least amount of an order.
    case amountTooLow
    /// A parameter that is missing, or does not say what it should.
    case invalidParameter(String)
    /// Orders come too fast; for how long none will be taken, where the words say it.
    case tooManyOrders(wait: Duration?)
    /// Calls come too fast, or whole books are asked for too often.
    case tooManyRequests(wait: Duration?)
    /// The venue has no such call.
    case methodNotFound
    /// The call needs to know what is paid, and is not told.
    case currencyMandatory
    /// An `op:call` with a bad signature, nonce or tonce.
    case invalidCall
    /// The venue is overloaded: a page or a sentence where JSON should be.
    case overloaded
    /// Something else, in the words of the error.
    case other

    /// Reads the venue's words and its token.
    ///
    /// The words count first, for the token `unknown_error` comes with many.
    public init(text: String, token: String? = nil) {
        switch text {
        case "Order not found": self = .orderNotFound
        case "Method not found": self = .methodNotFound
        case "Currency parameter is mandatory": self = .currencyMandatory
        case "Invalid call": self = .invalidCall
        case _ where text.hasPrefix("Order amount is too low"): self = .amountTooLow
        case _ where text.holds("Too many orders"): self = .tooManyOrders(wait: text.wait)
        case _ where text.hasPrefix("Too many") && text.holds(" requests"):
            self = .tooManyRequests(wait: text.wait)
        case _ where text.hasPrefix("MySQL error"): self = .overloaded
        default:
            if let name = text.parameterName {
                self = .invalidParameter(name)
            } else {
                self = Self(token: token) ?? Self(identification: text)
            }
        }
    }

    /// Reads a token; nil for one that says nothing.
    private init?(token: String?) {
        switch token {
        case "login_error_missing_rest_key": self = .missingKey
        case "login_error_invalid_nonce": self = .invalidNonce
        case "login_error_invalid_tonce": self = .invalidTonce
        case "login_error_invalid_rest_sign", "login_error_invalid_rest_key":
            self = .invalidSignature
        case "sandbox_missing_right": self = .missingRight
        case let token? where token.hasPrefix("login_error_"): self = .notLoggedIn
        default: return nil
        }
    }

    /// Reads the words for who is not let in; another text is something else.
    private init(identification text: String) {
        let isRight = text.hasPrefix("This API key lacks the right")
        let isLogin = text.hasPrefix("Not logged in") || text.hasPrefix("Identification required")
        self = isRight ? .missingRight : isLogin ? .notLoggedIn : .other
    }

    /// Whether it certainly did nothing: every reason that stands before the doing. What is overloaded and
    /// what is told in unknown words may have done it.
    public var didNothing: Bool {
        switch self {
        case .overloaded, .other: false
        default: true
        }
    }
}

extension MtGoxError {
    /// The error of a call over the stream that was refused, which comes as a remark with the call's id.
    ///
    /// - Parameter notice: A notice that is no success.
    public init(refusal notice: Notice) {
        self = .refused(text: notice.text, token: nil)
    }

    /// Why the venue refused; nil for an answer that could not be read.
    public var reason: MtGoxRefusal? {
        switch self {
        case .refused(let text, let token): MtGoxRefusal(text: text, token: token)
        case .notJSON: .overloaded
        case .malformed: nil
        }
    }

    /// Whether the call may have been carried out all the same.
    ///
    /// Under load the venue sends pages, and `unknown_error`, for orders that it has queued: before such an
    /// order is sent again one has to look whether it is there. False for what was certainly refused.
    ///
    /// - Source: the protocol reference, section 13.4.
    public var isOutcomeUnknown: Bool { !(reason?.didNothing ?? false) }
}

extension String {
    /// Whether a text stands in this one, by bytes.
    fileprivate func holds(_ part: String) -> Bool { range(of: part) != nil }

    /// Where a text begins in this one, and where it ends, as offsets of bytes.
    private func range(of part: String) -> Range<Int>? {
        let (all, wanted) = (Array(utf8), Array(part.utf8))
        return all.indices.first { all[$0...].starts(with: wanted) }.map { $0..<$0 + wanted.count }
    }

    /// The time in `wait N secs`.
    fileprivate var wait: Duration? {
        guard let place = range(of: "wait ") else { return nil }
        let digits = utf8.dropFirst(place.upperBound).prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return Int32(String(decoding: digits, as: UTF8.self)).map { .seconds(Int64($0)) }
    }

    /// The name in `Invalid parameter "type" (…)` and `Missing parameter "oid" (…)`.
    fileprivate var parameterName: String? {
        for head in ["Invalid parameter \"", "Missing parameter \""] where hasPrefix(head) {
            let name = utf8.dropFirst(head.utf8.count).prefix { $0 != UInt8(ascii: "\"") }
            return String(decoding: name, as: UTF8.self)
        }
        return nil
    }
}
