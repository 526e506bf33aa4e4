import Testing

@testable import OutcryKernel

@Suite struct PayloadDigestTests {
    private func digest(_ body: (inout PayloadDigest) -> Void) -> UInt32 {
        var digest = PayloadDigest()
        body(&digest)
        return digest.value
    }

    @Test func whatIsOtherHasAnotherDigest() {
        let all = [
            digest { _ in },
            digest { $0.add(0) }, digest { $0.add(1) }, digest { $0.add(-1) },
            digest { $0.add("") }, digest { $0.add("a") },
            digest {
                $0.add("a")
                $0.add("b")
            }, digest { $0.add("ab") },
            digest {
                $0.add("")
                $0.add("ab")
            },
            digest { $0.add("12345678") }, digest { $0.add("123456789") },
            digest {
                $0.add(1)
                $0.add(2)
            },
            digest {
                $0.add(2)
                $0.add(1)
            }, digest { $0.add(wordsOf: (Int64(3), Int64(4))) },
        ]
        #expect(Set(all).count == all.count)
    }

    /// A journal is replayed by other processes, and other builds.
    @Test func itIsTheSameEverywhere() {
        #expect(digest { $0.add("bid 17.5") } == 2_499_813_903)
        // As a few lines of Python reckon it.
        #expect(digest { $0.add(wordsOf: (Int64(3), Int64(4))) } == 3_414_802_136)
        #expect(digest { $0.add(wordsOf: (Int64(1), Int64(2), Int64(3))) } == 4_087_250_046)
    }

    /// Each word counts, and where it stands.
    @Test func wordsOfAValue() {
        typealias Words = (Int64, Int64, Int64, Int64, Int64)
        let all: [Words] = [
            (1, 2, 3, 4, 5), (2, 1, 3, 4, 5), (3, 4, 1, 2, 5), (1, 2, 3, 4, 0), (0, 2, 3, 4, 5),
            (1, 2, 3, 5, 4), (1, 4, 3, 2, 5), (0, 0, 0, 0, 0), (0, 0, 0, 0, 1), (1, 0, 0, 0, 0),
        ]
        #expect(Set(all.map { words in digest { $0.add(wordsOf: words) } }).count == all.count)
    }
}
