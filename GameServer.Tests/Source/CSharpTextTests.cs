namespace GameServer.Tests.Source;

/// <summary>The checks of the source are worth as much as the little lexer under them.</summary>
public class CSharpTextTests
{
    [TestCase("a // b", "a")]
    [TestCase("a /* b */ c", "a         c")]
    [TestCase("a = \"// b\"; c", "a =       ; c")]
    [TestCase("a = \"\\\"{\"; c", "a =      ; c")]
    [TestCase("a = @\"\\\"; c", "a =     ; c")]
    [TestCase("a = @\"x\"\"{\"; c", "a =        ; c")]
    [TestCase("a = '{'; c", "a =    ; c")]
    [TestCase("a = '\\''; c", "a =     ; c")]
    [TestCase("a = $\"{b[\"}\"]}{{\"; c", "a =              ; c")]
    [TestCase("a = $@\"{b}\\\"; c", "a =         ; c")]
    [TestCase("a = \"\"\"{ \" \"\"\"; c", "a =           ; c")]
    [TestCase("a = \"\"; c", "a =   ; c")]
    public void WithoutCommentsAndLiterals_Snippets_KeepTheCodeInPlace(string text, string code) =>
        Assert.That(CSharpText.WithoutCommentsAndLiterals(text).TrimEnd(), Is.EqualTo(code));

    [Test]
    public void Members_OfNestedTypes_AreFoundWithTheirLines()
    {
        const string Text = """
            namespace A;

            /// <summary>class B { }</summary>
            public class B<T> where T : class
            {
                public int C { get; set; } = 3;

                public void D(string text)
                {
                    if (text == "}")
                    {
                        return;
                    }
                }

                private struct E
                {
                    public E()
                    {
                    }
                }
            }
            """;
        Assert.That(
            CSharpText.Members(Text).Select(member => (member.Head, member.Lines)),
            Is.EqualTo(new[] { ("public int C", 1), ("public void D(string text)", 6), ("public E()", 2) }));
    }
}
