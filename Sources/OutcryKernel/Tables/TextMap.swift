/// What belongs to texts of which there are few: a list in alphabetical order.
struct TextMap<Value> {
    private var entries: [(text: String, value: Value)] = []

    var isEmpty: Bool { entries.isEmpty }

    /// The value of `text`; nil removes it.
    subscript(text: String) -> Value? {
        get {
            let place = place(of: text)
            return place < entries.count && entries[place].text == text
                ? entries[place].value : nil
        }
        set {
            let place = place(of: text)
            let isThere = place < entries.count && entries[place].text == text
            if let newValue {
                if isThere {
                    entries[place].value = newValue
                } else {
                    entries.insert((text, newValue), at: place)
                }
            } else if isThere {
                entries.remove(at: place)
            }
        }
    }

    /// The text of the first value that is wanted.
    func text(where isWanted: (Value) -> Bool) -> String? {
        entries.first { isWanted($0.value) }?.text
    }

    /// Removes the first value that is wanted, wherever it stands.
    mutating func removeFirst(where isWanted: (Value) -> Bool) {
        guard let place = entries.firstIndex(where: { isWanted($0.value) }) else { return }
        entries.remove(at: place)
    }

    /// The first place whose text is not before `text`.
    private func place(of text: String) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].text < text { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension TextMap: Sendable where Value: Sendable {}
