import OutcryComponents
import OutcryMarket
import Testing

@testable import OutcryVenues

@Suite struct RefusalTests {
    /// The error of a recorded reply.
    private func error(_ name: String, status: Int? = nil) throws -> MtGoxError {
        let reply = MtGoxRawReply(body: try Recording.bytes(name), status: status)
        do {
            _ = try MtGoxCall.info.read(reply)
        } catch { return error }
        throw Recording.Missing(path: "a refusal in \(name)")
    }

    @Test func recordedOnes() throws {
        #expect(try error("http-v1/error.json").reason == .missingKey)
        #expect(
            try error("http-v1/error-invalid-nonce-403.json", status: 403).reason == .invalidNonce)
        #expect(try error("http-v1/error-order-not-found.json").reason == .orderNotFound)
        #expect(try error("http-v1/order-add-failure.json").reason == .invalidParameter("type"))
        #expect(try error("http-v1/unknown_error.json").reason == .other)
        #expect(try error("http-v0/error.json").reason == .notLoggedIn)
        #expect(try error("http-v0/withdraw_dwolla.json").reason == .other)
        #expect(try error("http-v0/mysql_error.txt", status: 200).reason == .overloaded)
    }

    /// Words of clients' sources and of documents, and those of the sandbox.
    @Test(
        arguments: [
            ("Not logged in.", nil, .notLoggedIn),
            ("Identification required to access private API", nil, .notLoggedIn),
            (
                "Identification required to access private API", "login_error_invalid_tonce",
                .invalidTonce
            ),
            ("Identification required", "login_error_invalid_rest_sign", .invalidSignature),
            ("Identification required", "login_error_invalid_rest_key", .invalidSignature),
            ("Identification required", "login_error_something_new", .notLoggedIn),
            (
                "This API key lacks the right trade (sandbox)", "sandbox_missing_right",
                .missingRight
            ),
            ("This API key lacks the right trade (sandbox)", nil, .missingRight),
            ("Order not found", "unknown_error", .orderNotFound),
            ("Order amount is too low", "unknown_error", .amountTooLow),
            (
                "Too many orders placed, please wait 6 secs", "unknown_error",
                .tooManyOrders(wait: .seconds(6))
            ),
            ("Too many orders placed", nil, .tooManyOrders(wait: nil)),
            ("Too many orders, wait a while", nil, .tooManyOrders(wait: nil)),
            ("Too many open orders: at most 100 an account", "unknown_error", .other),
            ("Too many requests, please wait 3 secs", nil, .tooManyRequests(wait: .seconds(3))),
            (
                "Too many fulldepth requests: 5 an hour and address", nil,
                .tooManyRequests(wait: nil)
            ),
            ("Method not found", nil, .methodNotFound),
            ("Currency parameter is mandatory", nil, .currencyMandatory),
            ("Invalid call", nil, .invalidCall),
            (
                "Invalid parameter \"amount_int\" (should be a number", nil,
                .invalidParameter("amount_int")
            ),
            ("Missing parameter \"oid\" (should be …)", nil, .invalidParameter("oid")),
            ("Invalid code", "unknown_error", .other),
            ("unknown_error", "unknown_error", .other),
            ("MySQL error, please retry later", nil, .overloaded),
            ("", nil, .other),
        ] as [(String, String?, MtGoxRefusal)])
    func words(_ text: String, _ token: String?, _ reason: MtGoxRefusal) {
        #expect(MtGoxError.refused(text: text, token: token).reason == reason)
        let mayBeDone = reason == .other || reason == .overloaded
        #expect(MtGoxError.refused(text: text, token: token).isOutcomeUnknown == mayBeDone)
    }

    /// A page, and an answer that cannot be read: the order may be there.
    @Test func whatMayHaveBeenDone() throws {
        #expect(try error("http-v0/mysql_error.txt").isOutcomeUnknown)
        #expect(try error("http-v1/unknown_error.json").isOutcomeUnknown)
        #expect(try !error("http-v1/order-add-failure.json").isOutcomeUnknown)
        let request = OrderRequest.market(.buy, quantity: "1").on(.btcusd)
        let call = try MtGoxCall.addOrder(request)
        func problem(_ text: String) -> MtGoxError? {
            do {
                _ = try call.read(MtGoxRawReply(body: Array(text.utf8), status: 502))
                return nil
            } catch { return error }
        }
        let page = try #require(problem("<html>Bad gateway</html>"))
        #expect(page.reason == .overloaded && page.isOutcomeUnknown)
        let odd = try #require(problem("{\"result\":\"success\",\"return\":5}"))
        #expect(odd.reason == nil && odd.isOutcomeUnknown)
        let empty = try #require(problem(""))
        #expect(empty.isOutcomeUnknown)
    }

    /// Over the stream a refusal is a remark, which the feed tells as a notice.
    @Test func remarks() throws {
        let bytes = try Recording.bytes("stream/remark-order-not-found.json")
        guard case .remark(let remark) = try MtGoxParser.parse(bytes.span) else {
            Issue.record("no remark")
            return
        }
        let notice = Notice(
            text: remark.message.map { bytes.span.words($0) } ?? "", isSuccess: remark.isSuccess,
            request: remark.id.map { bytes.span.words($0) })
        let error = MtGoxError(refusal: notice)
        #expect(error == .refused(text: "Order not found", token: nil))
        #expect(error.reason == .orderNotFound && !error.isOutcomeUnknown)
    }
}
