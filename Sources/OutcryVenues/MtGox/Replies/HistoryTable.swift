public import OutcryMarket

/// A line of version 0's history of a wallet.
public struct MtGoxHistoryLine: Hashable, Sendable {
    /// The entry's number.
    public let index: String
    /// When, as the server wrote it: `YYYY-MM-DD hh:mm:ss`.
    public let date: String
    /// `in`, `out`, `earned`, `spent`, `fee`, `deposit` or `withdraw`: it tells the sign.
    public let type: String
    /// Why, in words.
    public let info: String
    /// How much, never negative.
    public let value: Money
    /// What was there afterwards.
    public let balance: Money
}

extension MtGoxReply {
    /// Reads version 0's `history_BTC.csv` and the like, in the order of the table.
    ///
    /// The columns are told by the first line and may stand in any order, with others among them; fields
    /// as in RFC 4180.
    ///
    /// - Source: tables that people saved from the venue's site; no reply of the script is known.
    public static func historyTable(
        _ body: Span<UInt8>, of currency: Currency, status: Int? = nil
    ) throws(MtGoxError) -> [MtGoxHistoryLine] {
        if !body.isEmpty, body[0] == UInt8(ascii: "{") {
            // A refusal is JSON.
            let place = try read(body, status: status) { (_, place) throws(Stop) in place }
            throw .malformed(
                MtGoxFault(at: place.lowerBound, expected: "a table", found: "a JSON object"),
                excerpt: body.excerpt())
        }
        var table = TableReader()
        let head = table.nextLine(body)
        var columns: [Int] = []
        for name in ["Index", "Date", "Type", "Info", "Value", "Balance"] {
            guard let column = head.fields.firstIndex(of: name) else {
                throw .notJSON(status: status, excerpt: body.excerpt())
            }
            columns.append(column)
        }
        var lines: [MtGoxHistoryLine] = []
        while table.offset < body.count {
            let line = table.nextLine(body)
            guard line.fields.count == head.fields.count else {
                throw .malformed(
                    MtGoxFault(
                        at: line.offset, expected: "\(head.fields.count) fields",
                        found: "\(line.fields.count)"), excerpt: body.excerpt())
            }
            func money(_ column: Int) throws(MtGoxError) -> Money {
                let text = line.fields[columns[column]]
                guard let money = Money(text, currency) else {
                    throw .malformed(
                        MtGoxFault(
                            at: line.offset, expected: "an amount of \(currency)", found: text),
                        excerpt: body.excerpt())
                }
                return money
            }
            lines.append(
                MtGoxHistoryLine(
                    index: line.fields[columns[0]], date: line.fields[columns[1]],
                    type: line.fields[columns[2]], info: line.fields[columns[3]],
                    value: try money(4), balance: try money(5)))
        }
        return lines
    }
}

/// Reads the lines of a table as RFC 4180 has them: fields between commas, in quotes where they hold
/// commas, line ends or quotes, which are doubled. Takes any bytes.
struct TableReader {
    /// Where the next line begins.
    private(set) var offset = 0

    /// Reads the line at the offset.
    mutating func nextLine(_ text: Span<UInt8>) -> (offset: Int, fields: [String]) {
        let start = offset
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        loop: while offset < text.count {
            let byte = text[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if offset < text.count, text[offset] == UInt8(ascii: "\"") {
                    field.append(byte)
                    offset += 1
                } else {
                    isQuoted = false
                }
            case _ where isQuoted: field.append(byte)
            case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
            case UInt8(ascii: ","):
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            case UInt8(ascii: "\n"): break loop
            case UInt8(ascii: "\r") where offset < text.count && text[offset] == UInt8(ascii: "\n"):
                continue
            default: field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return (start, fields)
    }
}
