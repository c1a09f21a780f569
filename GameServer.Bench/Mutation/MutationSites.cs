using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GameServer.Bench.Mutation;

/// <summary>One operator that can be changed: where it stands and what takes its place.</summary>
/// <param name="File">Path below the root of the checkout, with forward slashes.</param>
/// <param name="Span">The expression whose operator changes.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Before">The expression as it stands.</param>
/// <param name="After">The expression with the other operator.</param>
/// <param name="IsStatement">It stands as a statement of its own, whose value is not used.</param>
internal sealed record MutationSite(string File, TextSpan Span, int Line, string Before, string After, bool IsStatement)
{
    public override string ToString() => $"{File}:{Line}  {OneLine(Before)}  ->  {OneLine(After)}";

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Finds every operator of a source file that can be exchanged for another of the same type.</summary>
internal static class MutationSites
{
    private static readonly Dictionary<SyntaxKind, string> Others = new()
    {
        [SyntaxKind.LessThanToken] = "<=",
        [SyntaxKind.LessThanEqualsToken] = "<",
        [SyntaxKind.GreaterThanToken] = ">=",
        [SyntaxKind.GreaterThanEqualsToken] = ">",
        [SyntaxKind.EqualsEqualsToken] = "!=",
        [SyntaxKind.ExclamationEqualsToken] = "==",
        [SyntaxKind.PlusToken] = "-",
        [SyntaxKind.MinusToken] = "+",
        [SyntaxKind.AsteriskToken] = "/",
        [SyntaxKind.SlashToken] = "*",
        [SyntaxKind.AmpersandAmpersandToken] = "||",
        [SyntaxKind.BarBarToken] = "&&",
        [SyntaxKind.AmpersandToken] = "|",
        [SyntaxKind.BarToken] = "&",
        [SyntaxKind.LessThanLessThanToken] = ">>",
        [SyntaxKind.GreaterThanGreaterThanToken] = "<<",
        [SyntaxKind.PlusPlusToken] = "--",
        [SyntaxKind.MinusMinusToken] = "++",
        [SyntaxKind.PlusEqualsToken] = "-=",
        [SyntaxKind.MinusEqualsToken] = "+=",
        [SyntaxKind.BarEqualsToken] = "&=",
        [SyntaxKind.AmpersandEqualsToken] = "|=",
    };

    /// <summary>The sites of one file. Constants, attributes and patterns have none: a choice at run time cannot stand there.</summary>
    public static IEnumerable<MutationSite> In(string file, string text)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview, preprocessorSymbols: ["NET10_0", "NET", "NET8_0_OR_GREATER", "NET10_0_OR_GREATER"]);
        SyntaxNode root = CSharpSyntaxTree.ParseText(text, options).GetRoot();
        foreach (SyntaxNode node in root.DescendantNodes(static node => !IsConstant(node)))
        {
            if (TokenOf(node) is { } token && Others.TryGetValue(token.Kind(), out string? other) && !Declares(node))
            {
                string before = node.ToString();
                int at = token.SpanStart - node.SpanStart;
                string after = string.Concat(before.AsSpan(0, at), other, before.AsSpan(at + token.Span.Length));
                int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                bool isStatement = node.Parent is ExpressionStatementSyntax || (node.Parent is ForStatementSyntax loop && loop.Incrementors.Contains((ExpressionSyntax)node));
                yield return new MutationSite(file, node.Span, line, before, after, isStatement);
            }
        }
    }

    private static SyntaxToken? TokenOf(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax binary => binary.OperatorToken,
        AssignmentExpressionSyntax assignment => assignment.OperatorToken,
        PrefixUnaryExpressionSyntax prefix when prefix.IsKind(SyntaxKind.PreIncrementExpression) || prefix.IsKind(SyntaxKind.PreDecrementExpression) => prefix.OperatorToken,
        PostfixUnaryExpressionSyntax postfix => postfix.OperatorToken,
        _ => null,
    };

    private static bool IsConstant(SyntaxNode node) => node switch
    {
        AttributeListSyntax or EnumMemberDeclarationSyntax or CaseSwitchLabelSyntax or PatternSyntax or ParameterSyntax => true,
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        // An assertion is not what the program does; a changed one is either never reached or red at once.
        InvocationExpressionSyntax call => call.Expression.ToString() == "Debug.Assert",
        _ => false,
    };

    /// <summary>Whether the expression declares a variable, which it cannot do twice.</summary>
    private static bool Declares(SyntaxNode node) => node.DescendantNodes().Any(static inner => inner is DeclarationExpressionSyntax or SingleVariableDesignationSyntax);
}
