using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>One place in which an object stores something: a field, what is behind an auto-property, a captured parameter, the handlers of an event.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Symbol">The field, parameter or event; null where metadata does not show it.</param>
/// <param name="Property">The auto-property that it is behind, if it is.</param>
/// <param name="IsIgnored">Whether the user says that it stays behind.</param>
/// <param name="Why">What is said of it when nothing public shows it.</param>
internal sealed record Slot(string Name, ISymbol? Symbol, IPropertySymbol? Property, bool IsIgnored, string Why)
{
    public const string NotPublic = "which is not public";
    public const string Captured = "a constructor parameter that the type keeps and that no public member returns as it is";
    public const string Handlers = "whose handlers would stay in their process";
}
