/// A text in the exposition format of Prometheus, in the making.
///
/// A family of metrics is begun by ``family(_:_:_:)``, its samples follow.
/// - Source: prometheus.io, "Exposition formats", text format 0.0.4.
struct PrometheusText {
    /// What a family's samples are.
    enum Kind: String {
        /// A number that only grows, until the process is started anew.
        case counter
        /// A number that goes both ways.
        case gauge
    }

    /// What a reply of this text is.
    static let type = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""
    private var name = ""

    /// Begins a family.
    ///
    /// - Parameters:
    ///   - name: Of `[a-zA-Z_:][a-zA-Z0-9_:]*`; a counter's ends with `_total`.
    ///   - help: What it counts, in words, for people.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a sample of the family, with its labels.
    mutating func sample(_ value: Int, _ labels: [(name: String, value: String)] = []) {
        add("\(value)", labels)
    }

    /// Adds a sample of the family that is a yes or a no: 1 or 0.
    mutating func sample(_ isTrue: Bool, _ labels: [(name: String, value: String)] = []) {
        add(isTrue ? "1" : "0", labels)
    }

    /// Adds a sample of the family that is a time: in seconds.
    mutating func sample(_ time: Duration, _ labels: [(name: String, value: String)] = []) {
        let (seconds, attoseconds) = time.components
        let millis = attoseconds / 1_000_000_000_000_000
        guard seconds >= 0, millis >= 0 else { return add("0", labels) }
        let digits = String(1_000 + millis).dropFirst()
        add(millis == 0 ? "\(seconds)" : "\(seconds).\(digits)", labels)
    }

    private mutating func add(_ value: String, _ labels: [(name: String, value: String)]) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (index, label) in labels.enumerated() {
                if index > 0 { text += "," }
                text += "\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
            }
            text += "}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ value: String, quotes: Bool) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where quotes: text += "\\\""
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
