using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Makes the contract of a type of the framework's form: a delegate type, with Invoke, or <c>IProgress&lt;T&gt;</c>, with Report.</summary>
internal sealed class ReferenceParser(FileScope scope, TypeResolver types)
{
    public void Parse(INamedTypeSymbol type, Site site)
    {
        // The runtime cannot tell Action<string> from Action<string?>: one contract serves both, and lets null through.
        var plain = (INamedTypeSymbol)WithoutNullability(type);
        if (!scope.ReferenceTypes.Add(plain))
        {
            return;
        }

        string name = scope.Names.TakeContract(plain);
        int place = scope.References.Count;
        bool isDelegate = plain.TypeKind == TypeKind.Delegate;
        var method = isDelegate ? plain.DelegateInvokeMethod! : plain.GetMembers("Report").OfType<IMethodSymbol>().Single();
        uint id = WireIds.OfSignature(WireIds.Signature(method));

        // Progress is for watching: who reports does not wait for who watches.
        var call = new CallParser(scope, types).ParseReference(plain, method, id, isDelegate ? "target" : "target.Report", isOneWay: !isDelegate, site);
        if (call is null)
        {
            return;
        }

        // Delegates that this one mentions were added meanwhile: this one goes before them, as a reader meets it.
        string code = TypeNames.CodeWithoutNull(plain);
        var member = new MemberModel(MemberKind.Method, code, method.Name, CallParser.ReturnType(method), default, new[] { call }.ToEquatableArray());
        scope.References.Insert(place, new ContractModel(
            isDelegate ? ContractKind.Delegate : ContractKind.Closed,
            code,
            TypeNames.Display(plain),
            TypeNames.Wire(plain),
            Fingerprint: 0, // Made when all shapes are known.
            name + "Proxy",
            name + "Stub",
            new[] { member }.ToEquatableArray()));
    }

    /// <summary>A task that a delegate returns is never null; other references may be.</summary>
    private static NullableAnnotation AnnotationOf(ITypeSymbol type)
        => WellKnownTypes.IsTask(type) ? NullableAnnotation.NotAnnotated : NullableAnnotation.None;

    private ITypeSymbol WithoutNullability(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => scope.Compilation.CreateArrayTypeSymbol(WithoutNullability(array.ElementType), array.Rank),
        INamedTypeSymbol { IsGenericType: true, ContainingType: null } named
            => named.OriginalDefinition.Construct(
                [.. named.TypeArguments.Select(WithoutNullability)],
                [.. named.TypeArguments.Select(AnnotationOf)]),
        _ => type.IsReferenceType ? type.WithNullableAnnotation(NullableAnnotation.None) : type,
    };
}
