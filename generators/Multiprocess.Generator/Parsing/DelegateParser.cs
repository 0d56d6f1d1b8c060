using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Makes the contract of a delegate type: one call, named Invoke.</summary>
internal sealed class DelegateParser(FileScope scope, TypeResolver types)
{
    public void Parse(INamedTypeSymbol type, Site site)
    {
        // The runtime cannot tell Action<string> from Action<string?>: one contract serves both, and lets null through.
        var plain = (INamedTypeSymbol)WithoutNullability(type);
        if (!scope.ReferenceTypes.Add(plain))
        {
            return;
        }

        string name = scope.TakeName(TypeNames.Identifier(plain), "Proxy", "Stub");
        int place = scope.References.Count;
        var invoke = plain.DelegateInvokeMethod!;
        uint id = WireIds.OfSignature(WireIds.Signature("Invoke", invoke.Parameters, invoke.ReturnType));
        var call = new CallParser(scope, types).ParseDelegate(plain, id, site);
        if (call is null)
        {
            return;
        }

        // Delegates that this one mentions were added meanwhile: this one goes before them, as a reader meets it.
        var member = new MemberModel(MemberKind.Method, "", "Invoke", CallParser.ReturnType(invoke), default, new[] { call }.ToEquatableArray());
        scope.References.Insert(place, new ContractModel(
            ContractKind.Delegate,
            TypeNames.CodeWithoutNull(plain),
            TypeNames.Display(plain),
            TypeNames.Wire(plain),
            WireIds.Fingerprint([id]),
            name + "Proxy",
            name + "Stub",
            new[] { member }.ToEquatableArray()));
    }

    private ITypeSymbol WithoutNullability(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => scope.Compilation.CreateArrayTypeSymbol(WithoutNullability(array.ElementType), array.Rank),
        INamedTypeSymbol { IsGenericType: true, ContainingType: null } named
            => named.OriginalDefinition.Construct([.. named.TypeArguments.Select(WithoutNullability)]),
        _ => type.IsReferenceType ? type.WithNullableAnnotation(NullableAnnotation.None) : type,
    };
}
