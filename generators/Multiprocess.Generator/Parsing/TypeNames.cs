using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Multiprocess.Generator.Parsing;

/// <summary>The names of a type: in generated code, on the wire, and as a part of an identifier.</summary>
internal static class TypeNames
{
    /// <summary>
    /// Names without nullability and tuple names, so that both sides get the same text for any spelling.
    /// </summary>
    private static readonly SymbolDisplayFormat s_wire = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    private static readonly SymbolDisplayFormat s_wireWithoutArguments = s_wire.WithGenericsOptions(
        SymbolDisplayGenericsOptions.None);

    /// <summary>Whether the type allows null. Without nullable annotations, null is allowed.</summary>
    /// <param name="type">The type.</param>
    /// <param name="parameter">The type parameter for which the type is an argument, if any.</param>
    public static bool AdmitsNull(ITypeSymbol type, ITypeParameterSymbol? parameter = null) => type switch
    {
        { IsReferenceType: false } => false,
        { NullableAnnotation: NullableAnnotation.NotAnnotated } => false,
        { NullableAnnotation: NullableAnnotation.None } => parameter is null || !ForbidsNull(parameter),
        _ => true,
    };

    /// <summary>Whether a type parameter's constraints exclude every type that may be null.</summary>
    public static bool ForbidsNull(ITypeParameterSymbol parameter)
        => parameter.HasNotNullConstraint
            || parameter
                is
                {
                    HasReferenceTypeConstraint: true,
                    ReferenceTypeConstraintNullableAnnotation: not NullableAnnotation.Annotated,
                }
            || parameter.ConstraintNullableAnnotations.Any(annotation => annotation != NullableAnnotation.Annotated);

    /// <summary>
    /// The type, with arguments annotated as not null if constraints exclude null, although the code has no
    /// annotations.
    /// </summary>
    public static ITypeSymbol Settled(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { IsGenericType: true, IsTupleType: false, IsUnboundGenericType: false } named
            || !named.TypeArguments.Where((argument, i) => IsUnsettled(argument, named.TypeParameters[i])).Any())
        {
            return type;
        }

        var arguments = named.TypeArguments.Select((argument, i) =>
            IsUnsettled(argument, named.TypeParameters[i])
                ? argument.WithNullableAnnotation(NullableAnnotation.NotAnnotated)
                : argument);
        return Construct(named, [.. arguments]).WithNullableAnnotation(type.NullableAnnotation);
    }

    /// <summary>The generic type with other arguments, inside the same containing type.</summary>
    public static INamedTypeSymbol Construct(INamedTypeSymbol type, ImmutableArray<ITypeSymbol> arguments)
        => type.ConstructedFrom.Construct(arguments, [.. arguments.Select(argument => argument.NullableAnnotation)]);

    private static bool IsUnsettled(ITypeSymbol argument, ITypeParameterSymbol parameter)
        => argument is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.None } && ForbidsNull(parameter);

    /// <summary>Whether code in another file of the type's assembly can name the type.</summary>
    public static bool IsReachable(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? current = type; current is not null; current = current.ContainingType)
        {
            if (current.IsFileLocal
                || current.DeclaredAccessibility
                    is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The full name for the wire id of a method.</summary>
    public static string Wire(ITypeSymbol type) => type.ToDisplayString(s_wire);

    /// <summary>The full name in baselines: with a <c>?</c> after each reference that may be null.</summary>
    /// <param name="type">The type.</param>
    /// <param name="declared">The type in the generic declaration: arguments for a type parameter are marked where
    /// they are given.</param>
    /// <param name="parameter">The type parameter for which the type is an argument, if any.</param>
    public static string WireWithNull(ITypeSymbol type, ITypeSymbol declared, ITypeParameterSymbol? parameter = null)
        => MarkedWire(type, declared) + (declared is ITypeParameterSymbol
            ? type.IsReferenceType && declared.NullableAnnotation == NullableAnnotation.Annotated ? "?" : ""
            : AdmitsNull(type, parameter) ? "?" : "");

    private static string MarkedWire(ITypeSymbol type, ITypeSymbol declared) => (type, declared) switch
    {
        (_, ITypeParameterSymbol) => Wire(type),
        (IArrayTypeSymbol array, IArrayTypeSymbol declaredArray) => MarkedWireOfArray(array, declaredArray),
        (
            INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable,
            INamedTypeSymbol declaredNullable)
            => MarkedWire(nullable.TypeArguments[0], declaredNullable.TypeArguments[0]) + "?",

        // A delegate allows null, even if its arguments do not.
        (
            INamedTypeSymbol
            {
                TypeKind: not TypeKind.Delegate,
                TypeArguments.Length: > 0,
                ContainingType: not { IsGenericType: true },
            } named,
            INamedTypeSymbol declaredNamed)
            when !WellKnownTypes.IsProgress(named)
            => named.ToDisplayString(s_wireWithoutArguments)
                + "<"
                + string.Join(
                    ", ",
                    named.TypeArguments.Select((argument, i) => WireWithNull(
                        argument, declaredNamed.TypeArguments[i], named.TypeParameters[i])))
                + ">",
        _ => Wire(type),
    };

    /// <summary>The ranks of nested arrays are written outermost first, unless a mark comes between them.</summary>
    private static string MarkedWireOfArray(IArrayTypeSymbol array, IArrayTypeSymbol declared)
    {
        string ranks = "";
        for (; ; (array, declared) = ((IArrayTypeSymbol)array.ElementType, (IArrayTypeSymbol)declared.ElementType))
        {
            ranks += "[" + new string(',', array.Rank - 1) + "]";
            if (array.ElementType is not IArrayTypeSymbol
                || declared.ElementType is not IArrayTypeSymbol
                || AdmitsNull(array.ElementType))
            {
                return WireWithNull(array.ElementType, declared.ElementType) + ranks;
            }
        }
    }

    /// <summary>The name for messages.</summary>
    public static string Display(ITypeSymbol type)
        => type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    /// <summary>The name as generated code writes it, with nullability spelled out.</summary>
    public static string Code(ITypeSymbol type, ITypeParameterSymbol? parameter = null)
        => CodeWithoutNull(type) + (AdmitsNull(type, parameter) ? "?" : "");

    /// <summary>The name in generated code, of the type without null.</summary>
    public static string CodeWithoutNull(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => CodeOfArray(array),
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            => Code(nullable.TypeArguments[0]) + "?",
        INamedTypeSymbol { IsTupleType: true, TupleElements.Length: > 1 } tuple => CodeOfTuple(tuple),
        INamedTypeSymbol named => CodeOfNamed(named),
        _ => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
    };

    /// <summary>An identifier as code writes it: <c>@event</c> for a parameter called event.</summary>
    public static string Escape(string identifier)
        => SyntaxFacts.GetKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : identifier;

    /// <summary>
    /// The escaped name of a type or a namespace. Contextual keywords such as <c>partial</c> are escaped too.
    /// </summary>
    private static string EscapeType(string identifier)
        => SyntaxFacts.GetContextualKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : Escape(identifier);

    /// <summary>The name as a part of a larger identifier: <c>ListOfInt32</c>.</summary>
    public static string Identifier(ITypeSymbol type)
    {
        string prefix = type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated
            ? "Nullable"
            : "";
        switch (type)
        {
            case IArrayTypeSymbol array:
                return prefix + Identifier(array.ElementType) + "Array" + (array.Rank > 1 ? array.Rank + "D" : "");
            case INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable:
                return "Nullable" + Identifier(nullable.TypeArguments[0]);
            case INamedTypeSymbol { IsGenericType: true } named:
                string name = named.IsTupleType ? "Tuple" : named.Name;
                return prefix + name + "Of" + string.Join("And", named.TypeArguments.Select(Identifier));
            default:
                return prefix + type.Name;
        }
    }

    private static string CodeOfArray(IArrayTypeSymbol array)
    {
        // The ranks of nested arrays are written outermost first, unless a '?' comes between them.
        var ranks = new StringBuilder();
        ITypeSymbol element = array;
        do
        {
            var current = (IArrayTypeSymbol)element;
            ranks.Append('[').Append(',', current.Rank - 1).Append(']');
            element = current.ElementType;
        }
        while (element is IArrayTypeSymbol && !AdmitsNull(element));

        return Code(element) + ranks;
    }

    private static string CodeOfTuple(INamedTypeSymbol tuple)
    {
        var elements = tuple.TupleElements.Select(element =>
            Code(element.Type) + (element.IsExplicitlyNamedTupleElement ? " " + Escape(element.Name) : ""));
        return "(" + string.Join(", ", elements) + ")";
    }

    private static string CodeOfNamed(INamedTypeSymbol type)
    {
        // Not nint and nuint: they are not keywords if the user has types of these names.
        if (type.SpecialType is >= SpecialType.System_Object and <= SpecialType.System_String
            && type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) is var keyword
            && !keyword.Contains('.'))
        {
            return keyword;
        }

        string container = type.ContainingType is { } outer
            ? CodeOfNamed(outer) + "."
            : NamespacePrefix(type.ContainingNamespace);
        string arguments = type.TypeArguments.Length == 0
            ? ""
            : "<"
                + string.Join(", ", type.TypeArguments.Select((argument, i) => Code(argument, type.TypeParameters[i])))
                + ">";
        return container + EscapeType(type.Name) + arguments;
    }

    private static string NamespacePrefix(INamespaceSymbol? space)
        => space is null or { IsGlobalNamespace: true }
            ? "global::"
            : NamespacePrefix(space.ContainingNamespace) + EscapeType(space.Name) + ".";
}
