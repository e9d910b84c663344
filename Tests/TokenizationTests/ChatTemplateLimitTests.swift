import Foundation
import Testing
import Tokenization

/// The problem with which parsing or rendering `source` ends.
private func problem(
    _ source: String, _ limits: TemplateLimits = TemplateLimits()
) -> TemplateError.Problem? {
    do throws(TemplateError) {
        _ = try ChatTemplate(source: source, limits: limits).render(messages: .null)
        return nil
    } catch {
        return error.problem
    }
}

@Suite("Hostile chat templates")
struct ChatTemplateLimitTests {
    @Test(
        "Work without end stops at the step limit",
        arguments: [
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "{% for a in range(9999) %}{% set x = range(9999)|list %}{% endfor %}",
            "{% set l = [1] %}{% for i in range(60) %}{% set ns = namespace(l=l) %}{% endfor %}"
                + "{% for a in range(99999) %}{% for b in range(99999) %}{{ '' }}{% endfor %}{% endfor %}",
            "{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}"
                + "{{ ns.l == ns.l }}",
            "{% set s = 'a' * 9000000 %}{% for a in range(9999) %}{% if 'b' in s %}{% endif %}{% endfor %}",
        ])
    func steps(_ source: String) {
        #expect(problem(source, TemplateLimits(steps: 200_000)) == .tooManySteps(limit: 200_000))
    }

    @Test(
        "Texts stop growing at the limit",
        arguments: [
            "{{ 'a' * 999999999 }}", "{{ 'ab' * 9223372036854775807 }}",
            "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
            "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}",
            "{{ ('a' * 5000)|replace('a', 'b' * 5000) }}", "{{ ('b' * 9000).join(range(9999)) }}",
            "{% set s = 'a' * 1000000 %}{{ [s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s]|tojson }}",
        ])
    func lengths(_ source: String) {
        #expect(problem(source) == .tooLong(limitBytes: 16 << 20))
    }

    @Test("A list doubled a hundred times is not written out")
    func sharedStructure() {
        let doubled =
            "{% set ns = namespace(l=['x']) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}"
        for use in ["{{ ns.l }}", "{{ ns.l|tojson }}", "{{ ns.l|string }}"] {
            let found = problem(doubled + use, TemplateLimits(steps: 100_000))
            #expect(found == .tooManySteps(limit: 100_000))
        }
    }

    @Test(
        "Nesting in the source ends with an error",
        arguments: [
            "{{ " + String(repeating: "(", count: 30_000),
            "{{ " + String(repeating: "[", count: 30_000),
            "{{ " + String(repeating: "{'a':", count: 30_000),
            "{{ " + String(repeating: "-", count: 30_000) + "1 }}",
            "{{ " + String(repeating: "x[", count: 30_000),
            String(repeating: "{% if x %}", count: 30_000),
            String(repeating: "{% for x in y %}", count: 30_000),
            "{{ 1" + String(repeating: " if 1", count: 30_000) + " }}",
            "{{ 1" + String(repeating: " if 1 else 1", count: 30_000) + " }}",
        ])
    func nesting(_ source: String) {
        #expect(problem(source) != nil)
    }

    @Test("Long flat chains are no nesting")
    func flatChains() throws {
        let count = 20_000
        for (source, expected) in [
            ("{{ 1" + String(repeating: " + 1", count: count) + " }}", "\(count + 1)"),
            (
                "{{ ''" + String(repeating: " ~ 'a'", count: count) + "|length }}",
                String(repeating: "a", count: count - 1) + "1"
            ),
            ("{{ 'a'" + String(repeating: "|upper", count: count) + " }}", "A"),
            ("{{ " + String(repeating: "not ", count: count) + "true }}", "True"),
            (
                "{% if 0 %}" + String(repeating: "{% elif 0 %}", count: count)
                    + "{% else %}x{% endif %}", "x"
            ),
        ] {
            #expect(try ChatTemplate(source: source).render(messages: .null) == expected)
        }
    }

    @Test("Macros that call themselves for ever stop, on a thread with a small stack too")
    func recursion() async {
        let source =
            "{% macro m(n) %}{% if n %}{% for i in [1] %}{{ [[[m(n + 1)]]]|join }}{% endfor %}{% endif %}"
            + "{% endmacro %}{{ m(1) }}"
        let nested =
            "{{ " + String(repeating: "[", count: 47) + String(repeating: "]", count: 47) + " }}"
        let found = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(returning: [problem(source), problem(nested)])
            }
            thread.stackSize = 512 << 10
            thread.start()
        }
        guard case .tooDeep? = found[0] else {
            Issue.record("\(String(describing: found[0]))")
            return
        }
        #expect(found[1] == nil)
    }

    @Test("Values nested by a loop stop before they could overflow the stack")
    func valueDepth() {
        let source =
            "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}"
        #expect(problem(source) == .tooDeep(limit: 160))
        let dict =
            "{% set ns = namespace(l={}) %}{% for i in range(99999) %}{% set ns.l = {'a': ns.l} %}{% endfor %}"
        #expect(problem(dict) == .tooDeep(limit: 160))
    }

    @Test("Namespaces and functions cannot be put inside values, so nothing contains itself")
    func cycles() {
        for source in [
            "{% set ns = namespace() %}{% set ns.self = ns %}", "{% set x = [namespace()] %}",
            "{% set x = {'a': range} %}", "{{ namespace(a=namespace()) }}",
            "{% for i in [1] %}{% set x = [loop] %}{% endfor %}",
        ] {
            #expect(
                problem(source)
                    == .evaluation("a namespace or function cannot be stored inside another value"),
                "\(source)")
        }
    }

    @Test("Arithmetic beyond 64 bits is an error")
    func overflow() {
        for source in [
            "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
            "{{ 9223372036854775807 * 2 }}",
            "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1)|abs }}",
            "{{ -(-9223372036854775807 - 1) }}", "{{ 99999999999999999999 }}",
            "{{ (-9223372036854775807 - 1) % -1 }}",
        ] {
            #expect(problem(source) != nil, "\(source)")
        }
        #expect(
            problem(
                "{{ 'abc'[-9223372036854775807 - 1] }}{{ 'abc'[-9223372036854775807 - 1:9223372036854775807:9223372036854775807] }}"
            ) == nil)
        #expect(
            problem(
                "{{ [1,2][::-9223372036854775807 - 1] }}{{ range(0, 9223372036854775807, 9223372036854775807) }}"
            ) == nil)
        #expect(problem("{{ '1e999'|int }}{{ 'nan'|int }}{{ '99999999999999999999'|int }}") == nil)
    }

    @Test("No prefix of a template and no damaged character traps")
    func damage() throws {
        let source = Array(try Fixtures.text("templates/strict.jinja").unicodeScalars)
        let messages = JSONValue.array([
            .object([.init("role", .string("user")), .init("content", .string("x"))])
        ])
        var rendered = 0
        for index in source.indices {
            for replacement in ["", "{", "'", "(", "-", "|"] as [String] {
                var damaged = String(String.UnicodeScalarView(source[..<index]))
                damaged += replacement
                if !replacement.isEmpty {
                    damaged += String(String.UnicodeScalarView(source[(index + 1)...]))
                }
                if (try? ChatTemplate(source: damaged).render(messages: messages))
                    != nil
                {
                    rendered += 1
                }
            }
        }
        #expect(rendered > 100)
    }

    @Test("Errors say template, line and what to look at")
    func messages() throws {
        func message(_ source: String) -> String {
            do throws(TemplateError) {
                _ = try ChatTemplate(source: source, name: "t.jinja").render(messages: .null)
                return ""
            } catch { return error.description }
        }
        #expect(message("a\n{{ x.y }}") == "t.jinja, line 2: 'x' is undefined and has no 'y'")
        #expect(
            message("{% if x %}\n\n")
                == "t.jinja, line 1: the block has no {% elif %} or {% else %} or {% endif %}")
        #expect(
            message("\n{{ x|shout }}")
                == "t.jinja, line 2: the filter 'shout' is not supported in chat templates here")
        #expect(
            message("{% include 'a' %}")
                == "t.jinja, line 1: the block 'include' is not supported in chat templates here")
        #expect(
            message("{{ raise_exception('Bad role') }}")
                == "t.jinja, line 1: the template refuses these messages: Bad role")
        #expect(
            message("\n\n{% for i in [1] %}\n{{ 1/0 }}\n{% endfor %}")
                == "t.jinja, line 4: division by zero")
    }
}
