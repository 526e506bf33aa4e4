import Glibc
import Outcry
import OutcryMeasuring

/// `outcry-bench json FILE COUNT PASSES`: the venue's parser on lines of a file, with the book, as the
/// peers do it.
enum JSONBench {
    static func run(_ words: [String]) throws -> Int32 {
        guard words.count == 3, let count = Int(words[1]), let passes = Int(words[2]), passes > 0
        else {
            print("usage: outcry-bench json FILE COUNT PASSES")
            return 2
        }
        guard let bytes = contents(words[0]) else {
            print("cannot read \(words[0])")
            return 1
        }
        let lines = bytes.split(separator: 10, maxSplits: count).prefix(count).map(Array.init)
        var best = Double.infinity
        var check: Int64 = 0
        for _ in 0..<passes {
            let book = Book(.btcusd, capacity: 4096)
            check = 0
            let time = try Measuring.measure(lines.count) {
                for line in lines {
                    switch try MtGoxParser.parse(line.span) {
                    case .depth(let change): _ = book.set(change)
                    case .trade(let trade): check &+= trade.quantityUnits
                    case .ticker(let ticker): check &+= ticker.summary.lastUnits
                    default: break
                    }
                }
            }
            best = min(best, time)
        }
        print("{\"ns_per_msg\":\(Measuring.text(best)),\"check\":\"\(check)\"}")
        return 0
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        guard size > 0 else { return [] }
        _ = lseek(file, 0, SEEK_SET)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = unsafe read(
                    file, buffer.baseAddress.unsafelyUnwrapped + count, size - count)
                guard got > 0 else { return }
                count += got
            }
        }
    }
}
