import OutcryKernel
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcrySandbox

/// From a request's bytes to what the owner asks, and who is let in to ask.
@Suite struct AdminRouteTests {
    private func call(
        _ method: String, _ path: String, _ body: String = ""
    ) throws(AdminProblem) -> AdminCall {
        try AdminCall(
            HTTPRequestHead(method: method, target: path), body: Array(body.utf8),
            currencies: [.btc, .usd, .jpy])
    }

    @Test func accountsHaveMoneyAndRights() throws {
        let body = #"{"name":"bob","money":{"USD":"12.5","BTC":3},"rights":["trade","get_info"]}"#
        guard case .open(let wish) = try call("POST", "/accounts", body) else {
            Issue.record("no account")
            return
        }
        #expect(wish.name == "bob")
        #expect(wish.money == [Money("12.5", .usd), Money("3", .btc)])
        #expect(wish.rights == [.trade, .getInfo])
        guard case .open(let plain) = try call("POST", "/accounts", #"{"name":"al"}"#) else {
            Issue.record("no account")
            return
        }
        #expect(plain == SandboxAccountWish("al"))
    }

    @Test func theRestIsRead() throws {
        guard
            case .deposit("bob", let money, info: "x") = try call(
                "POST", "/deposits",
                #"{"account":"bob","amount":"0.001","currency":"JPY","info":"x"}"#)
        else {
            Issue.record("no deposit")
            return
        }
        #expect(money == Money(units: 1, currency: .jpy))
        guard case .revoke("a/b") = try call("DELETE", "/keys/a/b") else {
            Issue.record("no key")
            return
        }
        guard case .change(let pairs) = try call("PATCH", "/faults", #"{"a":1,"b":true,"c":"x"}"#)
        else {
            Issue.record("no faults")
            return
        }
        #expect(pairs.map(\.name) == ["a", "b", "c"])
        #expect(pairs.map(\.value) == ["1", "true", "x"])
        guard case .restart(after: .seconds(1)) = try call("POST", "/restart"),
            case .restart(after: .zero) = try call("POST", "/restart", #"{"seconds":0}"#),
            case .snapshot(file: "a-1.sqlite") = try call(
                "POST", "/snapshot", #"{"file":"a-1.sqlite"}"#),
            case .status = try call("GET", "/status?x=1")
        else {
            Issue.record("not read")
            return
        }
    }

    /// What is wrong, and the words that have to be in the refusal.
    static let mistakes:
        [(method: String, path: String, body: String, status: Int, words: [String])] = [
            ("GET", "/", "", 404, ["path", "/status", #"found "/""#]),
            ("GET", "/api/1/BTCUSD/ticker", "", 404, ["path", "/api/1"]),
            ("PUT", "/accounts", "", 405, ["GET, POST", "PUT"]),
            ("POST", "/accounts", "[]", 400, ["body", "JSON object"]),
            ("POST", "/accounts", "{\"name\":\"a\"", 400, ["body"]),
            ("POST", "/accounts", "{}", 400, ["name: expected", "found nothing"]),
            ("POST", "/accounts", #"{"name":""}"#, 400, ["name: expected 1 to 64 bytes"]),
            ("POST", "/accounts", #"{"name":"a","name":"b"}"#, 400, ["name: expected it once"]),
            ("POST", "/accounts", #"{"name":["a"]}"#, 400, ["name: expected a text", "list"]),
            ("POST", "/accounts", #"{"name":"a","x":1}"#, 400, ["no more fields", #""x""#]),
            (
                "POST", "/accounts", #"{"name":"a","money":{"XYZ":1}}"#, 400,
                ["currency", "JPY", "XYZ"]
            ),
            (
                "POST", "/accounts", #"{"name":"a","money":{"USD":-1}}"#, 400,
                ["money.USD", "above 0"]
            ),
            (
                "POST", "/accounts", #"{"name":"a","rights":["fly"]}"#, 400,
                ["rights", "trade", "fly"]
            ),
            (
                "POST", "/deposits", #"{"account":"a","amount":"1e99","currency":"USD"}"#, 400,
                ["amount of USD", "1e99"]
            ),
            (
                "POST", "/deposits", #"{"account":"a","amount":"0.000001","currency":"USD"}"#, 400,
                ["at most 5 decimals"]
            ),
            ("POST", "/snapshot", #"{"file":"../x"}"#, 400, ["file", "no folder"]),
            ("POST", "/snapshot", #"{"file":".x"}"#, 400, ["file"]),
            ("POST", "/restart", #"{"seconds":"-1"}"#, 400, ["seconds", "0 to 3600"]),
            ("POST", "/accounts", #"{"a":{"b":{"c":{"d":1}}}}"#, 400, ["body"]),
        ]

    @Test(arguments: mistakes.indices) func aMistakeIsNamed(_ index: Int) {
        let (method, path, body, status, words) = Self.mistakes[index]
        do throws(AdminProblem) {
            _ = try call(method, path, body)
            Issue.record("taken: \(method) \(path) \(body)")
        } catch {
            #expect(error.status == status, "\(error)")
            for word in words { #expect(error.description.contains(word), "\(error)") }
        }
    }

    // MARK: Who is let in

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8", "127.9.9.9", "localhost:99", "LocalHost", "[::1]:5",
    ])
    func thisMachineIsLetIn(host: String) { #expect(AdminGate.isLoopback(host)) }

    @Test(arguments: [
        "", "example.org", "127.0.0.1.example.org", "128.0.0.1", "127.0.0", "127.0.0.256",
        "localhost.example.org", "127.0.0.1:x", "127.0.0.1:", "[::2]", "0.0.0.0", "127.0.0.1:80:80",
    ])
    func othersAreNot(host: String) { #expect(!AdminGate.isLoopback(host)) }

    @Test func theTokenIsNeeded() throws {
        func admit(_ fields: [HTTPField], token: String = "secret") -> Int {
            do throws(AdminProblem) {
                try AdminGate.admit(HTTPRequestHead(fields: HTTPFields(fields)), token: token)
                return 200
            } catch { return error.status }
        }
        let host = HTTPField("Host", "localhost:1")
        #expect(admit([host, HTTPField("Authorization", "Bearer secret")]) == 200)
        #expect(admit([host]) == 403)
        #expect(admit([host, HTTPField("Authorization", "Bearer secre")]) == 403)
        #expect(admit([host, HTTPField("Authorization", "secret")]) == 403)
        #expect(admit([host, HTTPField("Authorization", "Bearer ")], token: "") == 403)
        #expect(
            admit([HTTPField("Host", "evil.org"), HTTPField("Authorization", "Bearer secret")])
                == 403)
        #expect(admit([host, host, HTTPField("Authorization", "Bearer secret")]) == 403)
    }
}
