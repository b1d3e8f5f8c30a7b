import Testing

@testable import Agent

@Suite("Lines of keys in a TOML document")
struct KeyLocatorTests {
    private func path(_ steps: DocumentPath.Step...) -> DocumentPath {
        steps.reduce(.root) { $0.appending($1) }
    }

    @Test("plain keys, comments and blank lines")
    func plainKeys() {
        let locator = KeyLocator("# a = 1\n\na = 1 # b = 2\nb = \"x # y\"\n  c=3\r\nd = 4")
        #expect(locator.line(of: path(.key("a"))) == 3)
        #expect(locator.line(of: path(.key("b"))) == 4)
        #expect(locator.line(of: path(.key("c"))) == 5)
        #expect(locator.line(of: path(.key("d"))) == 6)
    }

    @Test("tables, arrays of tables, and arrays of tables in them")
    func tables() {
        let locator = KeyLocator(
            """
            [[peers]]
            name = "a"
            [[peers.links]]
            id = 1
            [[peers.links]]
            id = 2
            [[peers]]
            [[peers.links]]
            id = 3
            [ session . deep ]
            x = 1
            """)
        #expect(locator.line(of: path(.key("peers"), .element(0), .key("name"))) == 2)
        #expect(locator.line(of: path(.key("peers"), .element(0), .key("links"), .element(1), .key("id"))) == 6)
        #expect(locator.line(of: path(.key("peers"), .element(1))) == 7)
        #expect(locator.line(of: path(.key("peers"), .element(1), .key("links"), .element(0), .key("id"))) == 9)
        #expect(locator.line(of: path(.key("session"), .key("deep"), .key("x"))) == 11)
    }

    @Test("arrays and inline tables over several lines")
    func nestedValues() {
        let locator = KeyLocator(
            """
            links = [ # the radios
              { id = 1, "wiphy" = 'phy0' },
              { id = 2,
                wiphy = "phy1" },
            ]
            numbers = [1,
              2, [3], ]
            after = true
            """)
        #expect(locator.line(of: path(.key("links"), .element(0), .key("wiphy"))) == 2)
        #expect(locator.line(of: path(.key("links"), .element(1), .key("id"))) == 3)
        #expect(locator.line(of: path(.key("links"), .element(1), .key("wiphy"))) == 4)
        #expect(locator.line(of: path(.key("numbers"), .element(1))) == 7)
        #expect(locator.line(of: path(.key("after"))) == 8)
    }

    @Test("strings of all four kinds hide what looks like keys")
    func strings() {
        let locator = KeyLocator(
            "a = \"\"\"\nb = 1\n\\\"\"\"\"\"\nc = '''\nd = 1\n'''\ne = \"\\\"\"\nf = '\\'\n'g.h'.\"i j\" = 1")
        #expect(locator.line(of: path(.key("c"))) == 4)
        #expect(locator.line(of: path(.key("e"))) == 7)
        #expect(locator.line(of: path(.key("f"))) == 8)
        #expect(locator.line(of: path(.key("g.h"), .key("i j"))) == 9)
        #expect(locator.line(of: path(.key("b"))) == 1, "what is not there is placed at what is around it")
    }

    @Test("what is missing is placed at its table")
    func missing() {
        let locator = KeyLocator("a = 1\n[session]\nb = 2")
        #expect(locator.line(of: path(.key("session"), .key("c"))) == 2)
        #expect(locator.line(of: path(.key("links"))) == 1)
    }

    @Test(
        "no text makes it run for ever or trap",
        arguments: ["[", "[[", "a", "a =", "a = [", "a = {", "a = \"", "a = '''", "]=]", "{}=", "a = [}]", "= = ="])
    func brokenText(text: String) {
        #expect(KeyLocator(text).line(of: path(.key("z"))) == 1)
    }
}
