import Outcry

/// What a command tells: lines for people, one JSON value for programs.
struct CallReport {
    let lines: [String]
    let json: [UInt8]

    init(_ lines: [String], object fill: (inout JSONObjectWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(fill)
        self.lines = lines
        json = writer.bytes
    }

    init(_ lines: [String], array fill: (inout JSONArrayWriter) -> Void) {
        var writer = JSONWriter()
        writer.array(fill)
        self.lines = lines
        json = writer.bytes
    }

    func tell(asJSON: Bool) {
        if asJSON {
            Terminal.line(String(decoding: json, as: UTF8.self))
        } else {
            Terminal.write(lines.map { $0 + "\n" }.joined())
        }
    }
}

/// Columns as wide as what stands in them, two blanks between; numbers at the right.
struct Table {
    private let isNumber: [Bool]
    private var rows: [[String]]

    /// - Parameter columns: The heads; those of numbers begin with `#`, which is not shown.
    init(_ columns: [String]) {
        isNumber = columns.map { $0.hasPrefix("#") }
        rows = [columns.map { $0.hasPrefix("#") ? String($0.dropFirst()) : $0 }]
    }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    var isEmpty: Bool { rows.count == 1 }

    var lines: [String] {
        let widths = isNumber.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                isNumber[column]
                    ? row[column].right(widths[column]) : row[column].left(widths[column])
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension Show {
    /// A moment, in seconds and UTC.
    static func moment(_ microseconds: Int64) -> String {
        guard microseconds > 0 else { return "" }
        let text = "\(WallTime(microseconds: microseconds))"
        return String(text.prefix(10)) + " " + String(text.dropFirst(11).prefix(8))
    }

    /// An amount with its currency, without needless zeros.
    static func money(_ money: Money) -> String {
        "\(quantity(Quantity(units: money.units, of: money.currency))) \(money.currency.code)"
    }
}

extension JSONObjectWriter {
    /// Adds a decimal number as a string; null where there is none.
    mutating func decimal(_ key: String, _ value: (some FixedPoint)?) {
        if let value { field(key, "\(value)") } else { null(key) }
    }

    /// Adds an amount as a decimal string; null where there is none.
    mutating func amount(_ key: String, _ value: Money?) {
        if let value { field(key, value.amountText) } else { null(key) }
    }

    /// Adds a text; null where there is none.
    mutating func text(_ key: String, _ value: String?) {
        if let value { field(key, value) } else { null(key) }
    }
}
