package import OutcryWire

/// Why a call is not answered with what it asks for.
///
/// - Source: the protocol reference, section 3.4. Attested are the words of ``orderNotFound``,
///   ``amountTooLow``, ``currencyMandatory``, ``methodNotFound`` and of the parameter `type`, and the
///   token `unknown_error`; all statuses and the other words are the sandbox's own.
package struct CallRefusal: Error, Equatable {
    /// The status of an HTTP answer.
    package let status: Int
    /// The words for the client.
    package let message: String
    /// What programs tell cases apart by; nil where the venue had none.
    package var token: String? = "unknown_error"
    /// What the status has to tell in the answer's head.
    package var fields: HTTPFields = []

    package init(
        status: Int, message: String, token: String? = "unknown_error", fields: HTTPFields = []
    ) {
        self.status = status
        self.message = message
        self.token = token
        self.fields = fields
    }

    package static func unknown(_ path: String) -> Self {
        Self(status: 404, message: "Unknown path \(path.shown())")
    }
    package static func unknownPair(_ pair: String) -> Self {
        Self(status: 404, message: "Unknown currency pair \(pair.shown())")
    }
    package static func unknownCurrency(_ code: String) -> Self {
        Self(status: 404, message: "Unknown currency \(code.shown())")
    }
    package static func method(_ name: String, allowed: String) -> Self {
        let words = allowed.split(separator: ", ").joined(separator: " or ")
        return Self(
            status: 405, message: "Expected \(words), found \(name)",
            fields: [HTTPField("Allow", allowed)])
    }
    /// A market that cannot fill an order of this size now.
    package static var notEnoughDepth: Self {
        Self(status: 400, message: "The book does not hold that much")
    }
    package static var noUserAgent: Self {
        Self(status: 403, message: "Expected a User-Agent header, found none")
    }
    package static var noOrigin: Self {
        Self(status: 403, message: "Expected an Origin header, found none")
    }
    package static func tooMany(_ limit: Int) -> Self {
        Self(status: 429, message: "Too many fulldepth requests: \(limit) an hour and address")
    }

    /// A parameter that does not say what it should.
    package static func parameter(_ name: String, should expected: String, found: String) -> Self {
        Self(
            status: 400,
            message: "Invalid parameter \"\(name)\" (should be \(expected), found \(found.shown()))"
        )
    }
    /// A parameter that is not there.
    package static func missing(_ name: String, should expected: String) -> Self {
        Self(
            status: 400,
            message: "Missing parameter \"\(name)\" (should be \(expected), found none)")
    }
    /// The venue's own words, recorded; they had no token then.
    package static var badType: Self {
        Self(
            status: 400, message: "Invalid parameter \"type\" (should be ask or bid)", token: nil)
    }
    /// A form or a query that cannot be decoded.
    package static func undecodable(_ part: String, _ error: String) -> Self {
        Self(status: 400, message: "Invalid \(part): \(error)")
    }

    /// No order of the account has this name, or not any more.
    package static var orderNotFound: Self { Self(status: 400, message: "Order not found") }
    /// Less than the venue's smallest order.
    package static var amountTooLow: Self { Self(status: 400, message: "Order amount is too low") }
    /// A call that needs to know what is paid, and is not told.
    package static var currencyMandatory: Self {
        Self(status: 400, message: "Currency parameter is mandatory")
    }
    /// An `op:call` of something that there is not.
    package static var methodNotFound: Self { Self(status: 404, message: "Method not found") }
    /// An account has as many orders as it may have open.
    package static func tooManyOpenOrders(_ most: Int) -> Self {
        Self(status: 403, message: "Too many open orders: at most \(most) an account")
    }
    /// Orders come too fast; both clients that read the words find theirs.
    package static func tooManyOrders(wait seconds: Int) -> Self {
        Self(
            status: 403, message: "Too many orders placed, please wait \(seconds) secs",
            fields: [HTTPField("Retry-After", "\(seconds)")])
    }

    /// Calls of an address come too fast.
    package static func tooManyRequests(wait seconds: Int) -> Self {
        Self(
            status: 429, message: "Too many requests, please wait \(seconds) secs",
            fields: [HTTPField("Retry-After", "\(seconds)")])
    }
}
