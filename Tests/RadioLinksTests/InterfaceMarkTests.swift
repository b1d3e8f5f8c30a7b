import Glibc
import Testing

@testable import RadioLinks

@Suite struct InterfaceMarkTests {
    @Test("an interface is left alone while another process of this program that made it lives, and no longer")
    func owner() throws {
        #expect(InterfaceMark.isMark(InterfaceMark.own) && InterfaceMark.isMark("relink"))
        for alias in ["", "relinked", "uplink", "hostapd 7"] { #expect(!InterfaceMark.isMark(alias)) }
        // This process is no other one, number 1 runs something else, and nobody has the last one.
        for alias in [InterfaceMark.own, "relink", "relink 1", "relink 2147483647", "relink x", "relink -1"] {
            #expect(!InterfaceMark.hasLivingOwner(alias), "\(alias)")
        }
        var other = pid_t()
        var arguments = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawnp(&other, "sleep", nil, nil, &arguments, nil) == 0)
        // The kernel lets this process go on a moment before it gives the other one the name of what it runs now.
        var lives = false
        for _ in 0..<5000 where !lives {
            lives = InterfaceMark.hasLivingOwner("relink \(other)", program: "sleep")
            if !lives { usleep(1000) }
        }
        #expect(lives)
        #expect(!InterfaceMark.hasLivingOwner("relink \(other)"))
        kill(other, SIGKILL)
        waitpid(other, nil, 0)
        #expect(!InterfaceMark.hasLivingOwner("relink \(other)", program: "sleep"))
    }
}
