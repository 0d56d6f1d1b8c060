using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Where a contract uses a type: the location in the user's source, and the path that led to the type.
/// </summary>
/// <param name="Location">The token that the user has to change.</param>
/// <param name="Path">The use in a message: <c>parameter 'person' of 'IRegistry.Add', member 'Person.Tag'</c>.</param>
internal readonly record struct Site(Location Location, string Path)
{
    public Site Member(string name) => this with { Path = Path + ", member '" + name + "'" };

    public Site Case(string name) => this with { Path = Path + ", case '" + name + "'" };

    public Site DelegateParameter(ISymbol type, string name)
        => this with { Path = Path + ", parameter '" + name + "' of '" + type.Name + "'" };

    public Site DelegateResult(ISymbol type) => this with { Path = Path + ", result of '" + type.Name + "'" };

    /// <summary>The location of a parameter's type.</summary>
    public static Location TypeOf(IParameterSymbol parameter, Location otherwise)
        => Syntax<ParameterSyntax>(parameter)?.Type?.GetLocation() ?? otherwise;

    /// <summary>The location of a member's type or return type.</summary>
    public static Location TypeOf(ISymbol member, Location otherwise)
    {
        var type = Syntax<SyntaxNode>(member) switch
        {
            MethodDeclarationSyntax method => method.ReturnType,
            BasePropertyDeclarationSyntax property => property.Type, // indexers and events with accessors too
            VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax field } => field.Type,
            _ => null,
        };
        return type?.GetLocation() ?? otherwise;
    }

    /// <summary>The location of a symbol's name, if this compilation declares it.</summary>
    public static Location NameOf(ISymbol symbol, Location otherwise)
        => symbol.Locations.FirstOrDefault(location => location.IsInSource) ?? otherwise;

    /// <summary>The location of the attribute.</summary>
    public static Location Of(AttributeData attribute, Location otherwise)
        => attribute.ApplicationSyntaxReference?.GetSyntax().GetLocation() ?? otherwise;

    /// <summary>The location of the type that an attribute's first argument names.</summary>
    public static Location ArgumentOf(AttributeData attribute)
        => attribute.ApplicationSyntaxReference?.GetSyntax() is not AttributeSyntax written ? Location.None
            : written.ArgumentList?.Arguments.FirstOrDefault()?.Expression is TypeOfExpressionSyntax { Type: { } type }
                ? type.GetLocation()
            : written.GetLocation();

    private static T? Syntax<T>(ISymbol symbol) where T : SyntaxNode
        => symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() as T;
}
