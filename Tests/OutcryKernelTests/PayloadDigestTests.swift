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
        #expect(digest { $0.add("bid 17.5") } == 2_700_679_312)
        #expect(digest { $0.add(wordsOf: (Int64(3), Int64(4))) } == 2_759_532_190)
        #expect(
            digest { $0.add(wordsOf: (Int64(3), Int64(4))) }
                == digest {
                    $0.add(3)
                    $0.add(4)
                })
    }
}
