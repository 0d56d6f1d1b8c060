using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Emitting;

namespace Multiprocess.Generator.Parsing;

/// <summary>The members of a proxy that Cap'n Proto cannot express: they throw.</summary>
internal static class CapnpLeftOut
{
    /// <summary>The implementation of a member that throws.</summary>
    public static string Implement(ISymbol member, INamedTypeSymbol declarer, string reason)
    {
        string owner = TypeNames.CodeWithoutNull(declarer);
        string throws = "throw new global::System.NotSupportedException("
            + EmitContext.Literal($"{member.Name}: It is not in Cap'n Proto's form of the contract. {reason}") + ")";
        string name = TypeNames.Escape(member.Name);
        return member switch
        {
            IMethodSymbol method
                => $"{ReturnOf(method)} {owner}.{name}({Parameters(method.Parameters)}) => {throws};",
            IPropertySymbol { IsIndexer: true } indexer
                => $"{TypeOf(indexer)} {owner}.this[{Parameters(indexer.Parameters)}] "
                    + $"{{ {Accessors(indexer, throws)} }}",
            IPropertySymbol property => $"{TypeOf(property)} {owner}.{name} {{ {Accessors(property, throws)} }}",
            IEventSymbol @event
                => $"event {TypeNames.Code(@event.Type)} {owner}.{name} "
                    + $"{{ add => {throws}; remove => {throws}; }}",
            _ => "",
        };
    }

    private static string ReturnOf(IMethodSymbol method)
        => method.ReturnsVoid ? "void" : TypeNames.Code(method.ReturnType);

    private static string TypeOf(IPropertySymbol property) => TypeNames.Code(property.Type);

    private static string Parameters(IEnumerable<IParameterSymbol> parameters)
        => string.Join(", ", parameters.Select(parameter => parameter.RefKind switch
        {
            RefKind.Ref => "ref ",
            RefKind.Out => "out ",
            RefKind.In => "in ",
            RefKind.RefReadOnlyParameter => "ref readonly ",
            _ => "",
        } + TypeNames.Code(parameter.Type) + " " + ParameterNames.Of(parameter.Name)));

    private static string Accessors(IPropertySymbol property, string throws)
        => (property.GetMethod is null ? "" : $"get => {throws}; ")
            + (property.SetMethod is null ? ""
                : property.SetMethod.IsInitOnly ? $"init => {throws};" : $"set => {throws};");
}
