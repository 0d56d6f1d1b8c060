using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>
/// One place in which an object stores a value: a field, the field of an auto-property, a captured parameter, the
/// handlers of an event.
/// </summary>
/// <param name="Name">The user's name for it.</param>
/// <param name="Symbol">The field, parameter or event; null if metadata does not show it.</param>
/// <param name="Property">The auto-property to which the field belongs, if any.</param>
/// <param name="IsIgnored">Whether the user has excluded it.</param>
/// <param name="Why">The error text if no public member returns it.</param>
internal sealed record Slot(string Name, ISymbol? Symbol, IPropertySymbol? Property, bool IsIgnored, string Why)
{
    public const string NotPublic = "which is not public";
    public const string Captured =
        "a constructor parameter that the type keeps and that no public member returns unchanged";
    public const string Handlers = "whose handlers would stay in their process";
}
