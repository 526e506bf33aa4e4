import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Answers to calls that are not what they should be.
@Suite struct FaultyReplyTests {
    private let ticker = "/api/1/BTCUSD/ticker"
    private let bid = [("type", "bid"), ("amount_int", "100000000"), ("price_int", "100")]

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Every byte that a call gets, and whether its connection ends.
    private func raw(_ house: SandboxHouse, _ target: String) -> (text: String, hasEnded: Bool) {
        let client = HTTPPeer(house)
        client.send(target)
        house.run(.milliseconds(10))
        return (text(client.peer.take()), client.peer.hasEnded || client.peer.error != nil)
    }

    @Test func rightNoncesAreRefused() throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        try trading.house.fault(["invalid-nonce": "on"])
        let refused = try alice.post("/api/1/BTCUSD/order/add", bid)
        #expect(refused.status == 403)
        #expect(refused.body["token"].text == "login_error_invalid_nonce")
        #expect(refused.body["error"].text == "Identification required to access private API")
        let stream = try trading.house.stream("/")
        _ = try stream.messages()
        let remark = try stream.ask(alice.sealed("private/info", id: "7"))
        #expect(remark.map { $0["message"].text } == ["Invalid call"])
        #expect(remark.map { $0["id"].text } == ["7"])
        #expect(trading.house.count(.invalidNonce) == 2)
        #expect(try trading.house.get(ticker).status == 200, "public calls have no nonce")
        try trading.house.fault(["invalid-nonce": "off"])
        #expect(try alice.call("generic/orders").elements.isEmpty, "nothing was placed")
    }

    @Test(arguments: [false, true]) func pagesComeInsteadOfAnswers(isAfter: Bool) throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        try trading.house.fault(["mysql-error": "on", "errors-after": isAfter ? "on" : "off"])
        let line = try alice.raw("/api/1/BTCUSD/order/add", bid)
        #expect(line.status == 200)
        #expect(text(line.body) == "MySQL error, please retry later")
        try trading.house.fault(["mysql-error": "off", "html-error": "on"])
        var statuses: Set<Int> = []
        for _ in 0..<20 {
            let page = try trading.house.get(ticker)
            statuses.insert(page.status)
            #expect(page.head.fields["Content-Type"] == "text/html; charset=UTF-8")
            #expect(text(page.body).hasPrefix("<!DOCTYPE html>"))
            #expect(text(page.body).contains("\(page.status)"))
        }
        #expect(statuses == [502, 503])
        #expect(trading.house.count(.mysqlError) == 1)
        #expect(trading.house.count(.htmlError) == 20)
        try trading.house.fault(["html-error": "off"])
        #expect(try alice.call("generic/orders").elements.count == (isAfter ? 1 : 0))
    }

    @Test func repliesAreSlow() throws {
        let house = try SandboxHouse { $0.faults[time: .slowReply] = .seconds(7) }
        let client = HTTPPeer(house)
        client.send(ticker)
        client.send(ticker)
        house.run(.seconds(6))
        #expect(client.peer.take().isEmpty)
        house.run(.seconds(2))
        #expect(try client.next()?.head.status == 200)
        #expect(try client.next() == nil, "the second one waits, too")
        house.run(.seconds(7))
        #expect(try client.next()?.head.status == 200)
        #expect(house.count(.slowReply) == 2)
        try house.fault(["slow-reply": "off"])
        #expect(try house.get(ticker).status == 200)
    }

    @Test func repliesAreCut() throws {
        let house = try SandboxHouse { $0.faults[.cutReply] = 1_000 }
        let whole = try SandboxHouse().get(ticker).body.count
        let (answer, hasEnded) = raw(house, ticker)
        #expect(hasEnded)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: \(whole)\r\n"))
        let body = answer.components(after: "\r\n\r\n")
        #expect(body.utf8.count == whole / 2)
        #expect(house.count(.cutReply) == 1)
        try house.fault(["cut-reply": "off"])
        #expect(try house.json(ticker)["result"].text == "success")
    }

    @Test func answersAreLostAndOrdersAreThere() throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        try trading.house.fault(["lost-reply": "on"])
        #expect(throws: Missing.self) { try alice.raw("/api/1/BTCUSD/order/add", bid) }
        let (answer, hasEnded) = raw(trading.house, ticker)
        #expect(answer.isEmpty)
        #expect(hasEnded)
        #expect(trading.house.count(.lostReply) == 2)
        #expect(try stream.messages().map { $0["user_order"]["status"].text }.last == "open")
        try trading.house.fault(["lost-reply": "off"])
        #expect(try alice.call("generic/orders").elements.count == 1)
    }

    @Test func gzipIsBroken() throws {
        let house = try SandboxHouse { $0.faults[.brokenGzip] = 1_000 }
        func packed() throws -> [UInt8] {
            let reply = try house.get(ticker, ["Accept-Encoding: gzip"])
            #expect(reply.head.fields["Content-Encoding"] == "gzip")
            return reply.body
        }
        let broken = try packed()
        #expect(throws: GzipError.self) {
            try Gzip.decompress(broken.span, limit: 1 << 20)
        }
        #expect(house.count(.brokenGzip) == 1)
        #expect(try house.json(ticker)["result"].text == "success", "without gzip it is right")
        try house.fault(["broken-gzip": "off"])
        let right = try packed()
        #expect(
            try JSONTree(Gzip.decompress(right.span, limit: 1 << 20))["result"].text == "success")
    }
}

extension String {
    /// The rest behind the first `mark`; empty where there is none.
    fileprivate func components(after mark: String) -> String {
        guard let range = self.firstRange(of: mark) else { return "" }
        return String(self[range.upperBound...])
    }
}
