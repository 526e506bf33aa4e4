import OutcryComponents
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// What a message says without its places, to compare messages that are written differently.
struct Meaning: Equatable, CustomStringConvertible {
    let description: String

    init(_ bytes: [UInt8]) throws(MtGoxFault) {
        self.init(try MtGoxParser.parse(bytes.span), bytes)
    }

    init(_ message: MtGoxMessage, _ bytes: [UInt8]) {
        func words(_ place: Range<Int>?) -> String { place.map { bytes.span.words($0) } ?? "-" }
        func json(_ place: Range<Int>) -> String {
            (try? Tree(bytes.span.array(place)).sortedText) ?? "?"
        }
        description =
            switch message {
            case .depth(let change): "\(change) \(change.delta) \(change.stamp)"
            case .trade(let trade): Self.text(trade)
            case .ownTrade(let trade): "own \(Self.text(trade))"
            case .ticker(let ticker): "\(ticker)"
            case .lag(let lag): "\(lag)"
            case .subscribed(let place): "subscribed \(words(place))"
            case .unsubscribed(let place): "unsubscribed \(words(place))"
            case .remark(let remark):
                "remark \(words(remark.message)) \(remark.isSuccess) \(words(remark.id)) "
                    + words(remark.token)
            case .result(let id, let body): "result \(words(id)) \(json(body))"
            case .account(let kind, let body): "\(kind) \(json(body))"
            }
    }

    private static func text(_ trade: Trade) -> String {
        "\(trade) \(trade.stamp) \(trade.isPrimary) \(trade.isMarketOrder) "
            + "\(trade.isMixedCurrency)"
    }
}

extension Tree {
    /// The text with sorted keys, without the fields that ``shuffled(_:)`` adds.
    var sortedText: String { sorted.text() }

    private var sorted: Tree {
        switch self {
        case .object(let fields):
            .object(
                fields.filter { !$0.key.hasPrefix("x_") }.map { ($0.key, $0.value.sorted) }
                    .sorted { $0.key < $1.key })
        case .array(let elements): .array(elements.map(\.sorted))
        case .scalar: self
        }
    }
}

/// Every recorded message, written in other ways and damaged.
@Suite struct VariationTests {
    @Test(arguments: Recording.allMessages) func otherOrdersAndUnknownFields(name: String) throws {
        let bytes = try Recording.message(name)
        let meaning = try Meaning(bytes)
        let tree = try Tree(bytes)
        for seed in 0..<200 as Range<UInt64> {
            var random = Seeded(seed)
            let other = tree.shuffled(&random).bytes
            #expect(try Meaning(other) == meaning, "seed \(seed)")
        }
    }

    @Test(arguments: Recording.allMessages) func otherSpaces(name: String) throws {
        let bytes = try Recording.message(name)
        let meaning = try Meaning(bytes)
        let tree = try Tree(bytes)
        for space in ["", " ", "\n", "\t \r\n"] {
            let other = Array((space + tree.text(space: space) + space).utf8)
            #expect(try Meaning(other) == meaning)
        }
    }

    @Test(arguments: Recording.allMessages) func keysThatComeTwice(name: String) throws {
        let bytes = try Recording.message(name)
        let meaning = try Meaning(bytes)
        guard case .object(let fields) = try Tree(bytes) else { return }
        for field in fields {
            guard case .object(let inner) = field.value else { continue }
            if name.hasPrefix("documented/user_order") || name.contains("wallet") { continue }
            // The last one counts, of the payload as a whole and of its fields.
            let wrong = inner.map { ($0.key, Tree.scalar("-7")) }
            let twice = fields.map { $0.key == field.key ? ($0.key, .object(wrong + inner)) : $0 }
            #expect(try Meaning(Tree.object(twice).bytes) == meaning)
            let whole = [(field.key, Tree.object(wrong))] + fields
            #expect(try Meaning(Tree.object(whole).bytes) == meaning)
        }
    }

    @Test(arguments: Recording.allMessages) func numbersAndStringsChangedOver(name: String) throws {
        let bytes = try Recording.message(name)
        let meaning = try Meaning(bytes)
        let tree = try Tree(bytes)
        for way in tree.leaves {
            guard case .scalar(let text)? = tree.at(way[...]) else { continue }
            let bare = text.filter { $0 != "\"" }
            guard Int64(bare) != nil else { continue }
            let other = text.hasPrefix("\"") ? bare : "\"\(bare)\""
            let changed = tree.replacing(way[...], .scalar(other))
            let result = try Meaning(changed.bytes)
            guard !name.contains("user_order"), !name.contains("wallet") else { continue }
            #expect(result == meaning, "\(way)")
        }
    }

    @Test(arguments: Recording.allMessages) func cutAtEveryByte(name: String) throws {
        var bytes = try Recording.message(name)
        while let last = bytes.last, last == 0x0A || last == 0x20 { bytes.removeLast() }
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(throws: MtGoxFault.self, "\(count)") { try MtGoxParser.parse(cut.span) }
            if let fault = Self.fault(cut) { #expect(fault.offset <= count) }
        }
    }

    /// Two bits of every byte, one after the other.
    @Test(arguments: Recording.allMessages) func bitsFlipped(name: String) throws {
        var random = Seeded(5)
        let bytes = try Recording.message(name)
        for index in bytes.indices {
            for _ in 0..<2 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                Self.check(flipped)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func randomDamage(seed: UInt64) throws {
        var random = Seeded(seed)
        let texts = try Recording.allMessages.map { try Recording.message($0) }
        for _ in 0..<3000 {
            var bytes = texts[Int.random(in: 0..<texts.count, using: &random)]
            for _ in 0...Int.random(in: 0...6, using: &random) {
                let from = Int.random(in: 0..<bytes.count, using: &random)
                let to = min(bytes.count, from + Int.random(in: 0...12, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.removeSubrange(from..<to)
                case 1: bytes.insert(contentsOf: bytes[from..<to], at: from)
                case 2: bytes[from] = UInt8.random(in: 0...255, using: &random)
                default:
                    let signs = Array("{}[],:\"\\-0e.tn".utf8)
                    bytes[from] = signs[Int.random(in: 0..<signs.count, using: &random)]
                }
                if bytes.isEmpty { break }
            }
            Self.check(bytes)
        }
    }

    @Test(arguments: [6, 7] as [UInt64]) func randomBytes(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...80, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            Self.check(bytes)
            bytes = Array("{\"op\":\"private\",\"private\":\"depth\",\"depth\":".utf8) + bytes
            Self.check(bytes)
        }
    }

    /// A message of 64 MiB, whole and cut: read, or refused in few words.
    @Test func hugeMessages() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20)
        var text = Array("{\"op\":\"subscribe\",\"x\":\"".utf8) + long
        let fault = Self.fault(text)
        #expect(fault?.offset == text.count)
        #expect(fault.map { "\($0)".utf8.count < 300 } == true)
        text += Array("\",\"channel\":\"y\"}".utf8)
        guard case .subscribed(let place) = try MtGoxParser.parse(text.span) else {
            Issue.record("not read")
            return
        }
        #expect(text.span.words(place) == "y")
    }

    /// Every field of the wrong type is an error that names it, unless nothing depends on it.
    @Test(arguments: Recording.allMessages) func wrongTypes(name: String) throws {
        let bytes = try Recording.message(name)
        let tree = try Tree(bytes)
        let meaning = try Meaning(bytes)
        for way in tree.leaves where !Self.isFree(way, name) {
            for wrong in ["[1]", "{\"a\":1}", "true"] {
                if way.last == "success", wrong == "true" { continue }
                let other = tree.replacing(way[...], .scalar(wrong)).bytes
                if Self.isIgnored(way, meaning) {
                    #expect(try Meaning(other) == meaning, "\(way)")
                } else if let fault = Self.fault(other) {
                    #expect(fault.path == Tree.path(way), "\(fault)")
                } else {
                    Issue.record("\(way) \(wrong) is taken")
                }
            }
        }
    }

    /// Every field that is missing is named, or not needed.
    @Test(arguments: Recording.allMessages) func missingFields(name: String) throws {
        let bytes = try Recording.message(name)
        let tree = try Tree(bytes)
        for way in tree.leaves where !Self.isFree(way, name) {
            let other = tree.replacing(way[...], nil).bytes
            if let fault = Self.fault(other) {
                #expect(fault.expected.contains("\(way[way.count - 1])"), "\(way): \(fault)")
            }
        }
    }

    /// Fields that belong to what is passed on as it is.
    static func isFree(_ way: [String], _ name: String) -> Bool {
        way[0] == "user_order" || way[0] == "wallet" || (way.last == "id")
    }

    /// Fields that nothing depends on while others are there.
    static func isIgnored(_ way: [String], _ meaning: Meaning) -> Bool {
        let ignored: Set = [
            "origin", "channel_name", "price", "volume", "amount", "type", "display",
            "display_short", "value", "qid", "date",
        ]
        if way == ["channel"] { return !isOfChannel(meaning) }
        if way == ["ticker", "item"] { return true }
        return way.last.map { ignored.contains($0) } ?? true
    }

    private static func isOfChannel(_ meaning: Meaning) -> Bool {
        meaning.description.contains("subscribed") || meaning.description.contains(" #")
    }

    static func fault(_ bytes: [UInt8]) -> MtGoxFault? {
        do throws(MtGoxFault) {
            _ = try MtGoxParser.parse(bytes.span)
            return nil
        } catch { return error }
    }

    /// What the fast way reads, or nil.
    static func predicted(_ bytes: [UInt8]) -> MtGoxMessage? {
        MtGoxParser.predict(
            bytes.span, depth: { .depth($0) }, trade: { .trade($0) }, ticker: { .ticker($0) })
    }

    /// Whatever comes, the two ways of reading agree, and an error stays in bounds.
    static func check(_ bytes: [UInt8]) {
        do throws(MtGoxFault) {
            let slow = try MtGoxParser.anyMessage(bytes.span)
            guard let fast = predicted(bytes) else { return }
            switch (fast, slow) {
            case (.depth(let a), .depth(let b)) where a == b: break
            case (.trade(let a), .trade(let b)) where a == b: break
            case (.ticker(let a), .ticker(let b)) where a == b: break
            default: #expect(Meaning(fast, bytes) == Meaning(slow, bytes))
            }
        } catch {
            // Plain conditions: an expectation costs more than what it looks at here.
            if error.offset < 0 || error.offset > bytes.count { Issue.record("\(error)") }
            if let fast = predicted(bytes) {
                Issue.record("\(Meaning(fast, bytes)) although \(error)")
            }
        }
    }
}

extension Tree {
    /// The value at the end of a way.
    func at(_ way: ArraySlice<String>) -> Tree? {
        guard let first = way.first else { return self }
        guard case .object(let fields) = self else { return nil }
        return fields.last { $0.key == first }?.value.at(way.dropFirst())
    }
}
