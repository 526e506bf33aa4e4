import OutcryKernel
import OutcryMarket
import OutcrySandbox
import Testing

@testable import OutcrySafetyNet

/// Every public call, in every form that the exchange knows it by: the SafetyNet answers as the exchange does,
/// but for the time of the answer. A quarter of them, if not said otherwise: `OUTCRY_SEEDS=4` asks all.
@Suite struct DifferentialTests {
    private struct Question {
        let target: String
        /// A form: the call is a POST.
        var form: String?
    }

    private static let names = [
        "ticker", "ticker_fast", "depth", "depth/fetch", "fulldepth", "depth/full", "trades",
        "trades/fetch", "cancelledtrades", "trades/cancelled", "currency", "order/lag",
        "order/quote", "quote",
    ]

    /// What is asked of an endpoint; the empty one is the call as it is.
    private static func parameters(_ name: String, _ trades: [Int64]) -> [String] {
        switch name {
        case "trades", "trades/fetch":
            let middle = trades[trades.count / 2]
            return ["", "raw", "since=0", "since=\(middle)"]
                + ["since=\(trades[trades.count - 1])", "since=7", "since=", "since=x", "since=-1"]
                + ["since=\(middle)&raw", "since=9223372036854775807", "since=1&since=\(middle)"]
        case "currency":
            return ["", "raw", "currency=EUR", "currency=JPY&raw", "currency=eur", "currency=QQQ"]
        case "order/quote", "quote":
            return ["", "type=bid", "type=bid&amount=100000000", "type=ask&amount=250000000"]
                + ["type=ask&amount=1&raw", "type=sell&amount=1", "type=bid&amount=0"]
                + ["type=bid&amount=99999999999999"]
        default: return ["", "raw", "raw=1", "nothing=1"]
        }
    }

    private static func questions(_ trades: [Int64]) -> [Question] {
        var all: [Question] = []
        func add(_ path: String, _ parameters: [String]) {
            for text in parameters {
                all.append(Question(target: text.isEmpty ? path : "\(path)?\(text)"))
            }
            // The first two by POST, too, and what has parameters with them in the form.
            all.append(Question(target: path, form: ""))
            if let text = parameters.dropFirst(2).first(where: { !$0.isEmpty }) {
                all.append(Question(target: path, form: text))
            }
        }
        for name in names {
            let words = parameters(name, trades)
            for pair in ["BTCUSD", "BTCEUR"] {
                for path in ["/api/1/\(pair)/\(name)", "/api/2/\(pair)/money/\(name)"] {
                    add(path, pair == "BTCUSD" ? words : [words[0], words[2]])
                }
                add("/api/1/\(pair)/public/\(name)", [""])
                add("/api/2/\(pair)/money/public/\(name)", [""])
            }
            for path in [
                "/api/1/generic/\(name)", "/api/2/generic/money/\(name)", "/api/2/money/\(name)",
                "/api/1/BTCJPY/\(name)", "/api/1/BTCQQQ/\(name)", "/api/1/btcusd/\(name)",
                "/api/1/BTCUSD/private/\(name)", "/api/1/BTCUSD/\(name)/", "/api/2/BTCUSD/\(name)",
                "/api/3/BTCUSD/\(name)", "/api/1/\(name)",
            ] { add(path, [words[0], words[2]]) }
        }
        for folder in ["/api/0/", "/api/0/data/", "/code/", "/code/data/"] {
            for currency in ["", "Currency=USD", "Currency=EUR", "Currency=JPY", "Currency=QQQ"] {
                for script in ["ticker.php", "getDepth.php"] { add(folder + script, [currency]) }
                for since in ["", "since=0", "since=\(trades[0])", "since=x"] {
                    let both = [currency, since].filter { !$0.isEmpty }.joined(separator: "&")
                    add(folder + "getTrades.php", [both])
                }
            }
        }
        add("/api/2/stream/list_public", ["", "raw"])
        for path in ["/", "/api", "/api/1", "/api/2/money", "/api/0/nothing.php", "/api/1/BTCUSD"]
        where path != "/" { add(path, [""]) }
        return all
    }

    @Test func everyPublicCallIsAnsweredAsTheExchangeAnswersIt() throws {
        let house = try NetHouse { $0.speed = 600 }
        try house.settle()
        house.run(.seconds(20))
        house.stopMarket()
        house.run(.seconds(40))
        let listed = try house.get("/api/1/BTCUSD/trades", port: NetHouse.exchangePort)
        let trades = try JSONTree(listed.body)["return"].elements.compactMap {
            Int64($0["tid"].text)
        }
        #expect(trades.count > 20)
        let all = Self.questions(trades)
        let part = min(4, ProcessSeeds.count(1))
        // Neighbors are the forms of one call: 4 and their number have no divisor in common most times.
        let questions = all.indices.filter { ($0 + $0 / 4) % 4 < part }.map { all[$0] }
        var (answered, refused) = (0, 0)
        var different: [String] = []
        for question in questions {
            let method = question.form == nil ? "GET" : "POST"
            let fields =
                question.form == nil ? [] : ["Content-Type: application/x-www-form-urlencoded"]
            let body = Array((question.form ?? "").utf8)
            let theirs = try house.get(
                question.target, fields, method: method, body: body, port: NetHouse.exchangePort)
            var ours = try house.get(question.target, fields, method: method, body: body)
            // Old trades cost the upstream a call, of which there are 15 in 20 s.
            if ours.status == 429, theirs.status != 429 {
                house.run(.seconds(21))
                ours = try house.get(question.target, fields, method: method, body: body)
            }
            theirs.status == 200 ? (answered += 1) : (refused += 1)
            let isSame =
                ours.status == theirs.status && ours["Content-Type"] == theirs["Content-Type"]
                && AnswerTests.withoutNow(ours.text) == AnswerTests.withoutNow(theirs.text)
            if !isSame {
                different.append(
                    "\(method) \(question.target) \(question.form ?? ""): \(ours.status) "
                        + "\(ours.text.prefix(150)), expected \(theirs.status) "
                        + "\(theirs.text.prefix(150))")
            }
        }
        print(
            "asked \(questions.count) of \(all.count): \(answered) answered, \(refused) refused, \(different.count) otherwise"
        )
        #expect(different.isEmpty, "\(different.count): \(different.prefix(12))")
        #expect(answered > 100 && refused > 100)
    }
}
