import OutcryKernel
import OutcryServing

/// What a sandbox does wrong on purpose: a value for each fault, all 0 to begin with.
///
/// They are set by the text of a command line or an admin's call (``set(_:_:)``), or by number.
public struct SandboxFaults: Sendable, Equatable {
    private var values = [Int64](repeating: 0, count: SandboxFault.allCases.count)

    /// Nothing goes wrong.
    public init() {}

    /// The names of all faults, as they are set by.
    public static let names = SandboxFault.allCases.map(\.rawValue)

    /// A fault's number in its unit; 0: off.
    ///
    /// - Precondition: What is set is within 0 and the fault's ``SandboxFault/most``.
    public subscript(_ fault: SandboxFault) -> Int64 {
        get { values[fault.index] }
        set {
            precondition((0...fault.most).contains(newValue), "a fault's value has its limits")
            values[fault.index] = newValue
        }
    }

    /// A fault's number as a time. Of those whose unit is one.
    public subscript(time fault: SandboxFault) -> Duration {
        get { .nanoseconds(self[fault] * 1_000) }
        set { self[fault] = newValue.nanoseconds / 1_000 }
    }

    /// Nothing goes wrong.
    public var isEmpty: Bool { !isAny(SandboxFault.allCases) }

    func isAny(_ faults: [SandboxFault]) -> Bool { faults.contains { self[$0] != 0 } }

    // MARK: By text

    /// Sets a fault by its name.
    ///
    /// - Parameter text: `off`; else as its ``SandboxFault/Unit`` says: `50` of a thousand (`on` for all of
    ///   them), `250ms`, `90s`, `5m` or `2h`, `on`, or bytes a second.
    /// - Throws: ``SandboxRefusal`` for a name or a text that is none; nothing is changed then.
    public mutating func set(_ name: String, _ text: String) throws(SandboxRefusal) {
        guard let fault = SandboxFault(rawValue: name) else {
            throw SandboxRefusal(
                description: "expected a fault of \(Self.names.joined(separator: ", ")), "
                    + "found \(name.shown())")
        }
        guard let number = Self.number(text, fault), (0...fault.most).contains(number) else {
            throw SandboxRefusal(
                description: "\(name): expected \(fault.expected), found \(text.shown())")
        }
        self[fault] = number
    }

    /// The text of a fault's value, which ``set(_:_:)`` takes; nil for a name that is none.
    public func text(_ name: String) -> String? {
        SandboxFault(rawValue: name).map { Self.text(self[$0], $0) }
    }

    private static func number(_ text: String, _ fault: SandboxFault) -> Int64? {
        if text == "off" { return 0 }
        switch fault.unit {
        case .flag: return text == "on" ? 1 : text == "1" || text == "0" ? Int64(text) : nil
        case .perMille where text == "on": return 1_000
        case .perMille, .bytes: return whole(text[...])
        case .time:
            let unit = units.first { text.hasSuffix($0.name) } ?? ("", 1_000_000)
            guard let count = whole(text.dropLast(unit.name.utf8.count)) else { return nil }
            let (number, over) = count.multipliedReportingOverflow(by: unit.microseconds)
            return over ? nil : number
        }
    }

    /// Digits alone: `Int64` takes signs.
    private static func whole(_ text: Substring) -> Int64? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.allSatisfy { digits.contains($0) } ? Int64(text) : nil
    }

    private static func text(_ number: Int64, _ fault: SandboxFault) -> String {
        guard number != 0 else { return "off" }
        switch fault.unit {
        case .flag: return "on"
        case .perMille, .bytes: return "\(number)"
        case .time:
            let unit = units.last { number.isMultiple(of: $0.microseconds) } ?? units[0]
            return "\(number / unit.microseconds)\(unit.name)"
        }
    }

    /// Small ones first: the end of `ms` is another's name, too.
    private static let units: [(name: String, microseconds: Int64)] = [
        ("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
    ]
}

extension SandboxFault {
    /// What its text has to be.
    var expected: String {
        switch unit {
        case .perMille: "off, or how many of a thousand, at most 1000"
        case .time: "off, or a time such as 250ms, 90s, 5m or 2h, at most 168h"
        case .flag: "on or off"
        case .bytes: "off, or bytes a second, at most \(most)"
        }
    }
}

extension SandboxFaults {
    /// When the market is stopped (``OutcryKernel/Event/sandboxStop``), one more order comes to rest, and
    /// nobody is told: nothing happens later that could heal the loss.
    public var dropsLastDepth: Bool {
        get { self[.dropLastDepth] != 0 }
        set { self[.dropLastDepth] = newValue ? 1 : 0 }
    }

    /// How long orders and their cancellations wait before the engine has them: the venue's lag, up to
    /// minutes in its worst times.
    public var engineLag: Duration {
        get { self[time: .engineLag] }
        set { self[time: .engineLag] = newValue }
    }
}
