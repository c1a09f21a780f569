using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Messages;

/// <summary>Which names are allowed, how they are kept, and which ones are taken for the same.</summary>
public sealed class PlayerNameTests
{
    [TestCase("Åse", "Åse")]
    [TestCase("A\u030Ase", "Åse", TestName = "TryNormalize_RingApart_IsComposed")]
    [TestCase("\u212Ase", "K\u0073e", TestName = "TryNormalize_KelvinSign_IsTheLetter")]
    [TestCase("q\u0307\u0323", "q\u0323\u0307", TestName = "TryNormalize_MarksInAnotherOrder_AreSorted")]
    [TestCase("d\u0307\u0323", "\u1E0D\u0307", TestName = "TryNormalize_MarkBehindAnother_IsComposed")]
    [TestCase("\u1112\u1161\u11AB", "\uD55C", TestName = "TryNormalize_HangulParts_AreASyllable")]
    [TestCase("\uD55C", "\uD55C", TestName = "TryNormalize_HangulSyllable_Stays")]
    [TestCase("\u0958", "\u0915\u093C", TestName = "TryNormalize_ExcludedFromComposition_StaysApart")]
    [TestCase("\uFB1D", "\u05D9\u05B4", TestName = "TryNormalize_HebrewPresentation_StaysApart")]
    [TestCase("  two\u00A0\u3000words  ", "two words", TestName = "TryNormalize_Spaces_AreOneAndNotAtTheEnds")]
    [TestCase("\u2764\uFE0F", "\u2764", TestName = "TryNormalize_VariationSelector_IsLeftOut")]
    [TestCase("\U0001F600", "\U0001F600", TestName = "TryNormalize_PairOfSurrogates_Stays")]
    [TestCase("", PlayerName.Default, TestName = "TryNormalize_Empty_IsTheDefault")]
    [TestCase("   ", PlayerName.Default, TestName = "TryNormalize_OnlySpaces_IsTheDefault")]
    public void TryNormalize_Allowed_IsKeptAs(string given, string kept)
    {
        Assert.That(PlayerName.TryNormalize(given, out string name, out string problem), Is.True, problem);
        Assert.That(name, Is.EqualTo(kept));
        Assert.That(problem, Is.Empty);
    }

    [TestCase(0x0000, "control")]
    [TestCase(0x001B, "control")]
    [TestCase(0x007F, "control")]
    [TestCase(0x009B, "control")]
    [TestCase(0x000A, "control")]
    [TestCase(0x2028, "line break")]
    [TestCase(0x00AD, "zero-width")]
    [TestCase(0x061C, "bidirectional")]
    [TestCase(0x200B, "zero-width")]
    [TestCase(0x200D, "zero-width")]
    [TestCase(0x200F, "bidirectional")]
    [TestCase(0x202A, "bidirectional")]
    [TestCase(0x202E, "bidirectional")]
    [TestCase(0x2060, "zero-width")]
    [TestCase(0x2066, "bidirectional")]
    [TestCase(0x2069, "bidirectional")]
    [TestCase(0xFEFF, "zero-width")]
    [TestCase(0x034F, "invisible")]
    [TestCase(0x115F, "invisible")]
    [TestCase(0x1160, "invisible")]
    [TestCase(0x17B4, "invisible")]
    [TestCase(0x180B, "invisible")]
    [TestCase(0x2800, "invisible")]
    [TestCase(0x3164, "invisible")]
    [TestCase(0xFFA0, "invisible")]
    [TestCase(0xE000, "private")]
    [TestCase(0x0378, "not assigned")]
    [TestCase(0xE0041, "zero-width")]
    public void TryNormalize_Refused_NamesTheCharacterAndWhere(int point, string why)
    {
        Assert.That(PlayerName.TryNormalize("ab" + char.ConvertFromUtf32(point), out string name, out string problem), Is.False);
        Assert.That(name, Is.Empty);
        Assert.That(problem, Does.Contain($"U+{point:X4} at character 3").And.Contain(why));
    }

    [Test]
    public void TryNormalize_HalfAPair_IsRefused() => Assert.That(PlayerName.TryNormalize("a\uD83D", out _, out string problem), Is.False, problem);

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(1)]
    public void TryNormalize_LongestName_IsTheLimit(int beyond)
    {
        bool taken = PlayerName.TryNormalize(new string('x', Limits.PlayerNameCharsMax + beyond), out string name, out string problem);
        Assert.That(taken, Is.EqualTo(beyond <= 0));
        Assert.That(name, Has.Length.EqualTo(taken ? Limits.PlayerNameCharsMax + beyond : 0));
        Assert.That(problem, taken ? Is.Empty : Is.EqualTo("the name has 33 characters, 32 are allowed"));
    }

    [Test]
    public void TryNormalize_LongUntilComposed_IsMeasuredComposed()
    {
        string apart = string.Concat(Enumerable.Repeat("e\u0301", Limits.PlayerNameCharsMax));
        Assert.That(PlayerName.TryNormalize(apart, out string name, out string problem), Is.True, problem);
        Assert.That(name, Is.EqualTo(new string('é', Limits.PlayerNameCharsMax)));
    }

    [TestCase("Alice", "aLICE")]
    [TestCase("Alice", "\u0410lice", TestName = "KeyOf_CyrillicCapital")]
    [TestCase("alice", "\u0430l\u0456\u0441\u0435", TestName = "KeyOf_CyrillicSmall")]
    [TestCase("NINA", "\u039D\u0399\u039D\u0391", TestName = "KeyOf_Greek")]
    [TestCase("Alice", "\uFF21\uFF4C\uFF49\uFF43\uFF45", TestName = "KeyOf_FullWidth")]
    [TestCase("Alice", "\U0001D400\U0001D425\U0001D422\U0001D41C\U0001D41E", TestName = "KeyOf_MathematicalBold")]
    [TestCase("fish", "\uFB01sh", TestName = "KeyOf_Ligature")]
    [TestCase("strasse", "STRA\u1E9EE", TestName = "KeyOf_SharpS")]
    [TestCase("Bob", "B0b")]
    [TestCase("Ill", "1l|")]
    [TestCase("\u00C9ric", "e\u0301ric", TestName = "KeyOf_MarkApart")]
    [TestCase("\u03C3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2", "\u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3", TestName = "KeyOf_FinalSigma")]
    public void KeyOf_TakenForTheSame_AreEqual(string one, string other) => Assert.That(PlayerName.KeyOf(other), Is.EqualTo(PlayerName.KeyOf(one)));

    [TestCase("alice", "alicf")]
    [TestCase("alice", "alice2")]
    [TestCase("eric", "éric")]
    [TestCase("bot 2", "bot 3")]
    [TestCase("ab", "a b")]
    public void KeyOf_Different_AreNot(string one, string other) => Assert.That(PlayerName.KeyOf(other), Is.Not.EqualTo(PlayerName.KeyOf(one)));

    [Test]
    public void Numbered_LongName_StaysWithinTheLimitAndWhole()
    {
        Assert.That(PlayerName.Numbered("ann", 2), Is.EqualTo("ann (2)"));
        Assert.That(PlayerName.Numbered(new string('x', 28), 2), Is.EqualTo(new string('x', 28) + " (2)"));
        Assert.That(PlayerName.Numbered(new string('x', 29), 2), Is.EqualTo(new string('x', 28) + " (2)"));
        string pairs = PlayerName.Numbered('x' + string.Concat(Enumerable.Repeat("\U0001F600", 15)), 2);
        Assert.That(pairs, Is.EqualTo('x' + string.Concat(Enumerable.Repeat("\U0001F600", 13)) + " (2)"), "no half pair is left");
    }
}
