using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Creates the contract of a delegate type, with Invoke, or of <c>IProgress&lt;T&gt;</c>, with Report.
/// </summary>
internal sealed class ReferenceParser(FileScope scope, TypeResolver types)
{
    /// <summary>The name of the stub that serves the type.</summary>
    public string Parse(INamedTypeSymbol type, Site site)
    {
        // The same delegate may cross as Action<string> and as Action<string?>: one contract serves both, and allows
        // null.
        var plain = (INamedTypeSymbol)WithoutNullability(type);
        if (scope.Here.Stubs.TryGetValue(plain, out string? known))
        {
            return known;
        }

        string name = scope.Names.TakeContract(plain);
        string stub = name + "Stub";
        scope.Here.Stubs.Add(plain, stub);
        int place = scope.References.Count;
        bool isDelegate = plain.TypeKind == TypeKind.Delegate;
        var method = isDelegate
            ? plain.DelegateInvokeMethod!
            : plain.GetMembers("Report").OfType<IMethodSymbol>().Single();
        uint id = WireIds.OfSignature(WireIds.Signature(method));

        if (scope.Nesting.Begin(plain) is { } problem)
        {
            scope.Refusals.Add(Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(plain), problem);
            return stub;
        }

        // Progress is for observers: the reporting code does not wait for them.
        var call = new CallParser(scope, types)
            .ParseReference(plain, method, id, isDelegate ? "target" : "target.Report", isOneWay: !isDelegate, site);
        scope.Nesting.End(plain);
        if (call is null)
        {
            return stub;
        }

        // Delegates that this one mentions were added in the meantime: this one goes before them, in reading order.
        string code = TypeNames.CodeWithoutNull(plain);
        var member = new MemberModel(
            MemberKind.Method,
            code,
            method.Name,
            CallParser.ReturnType(method),
            default,
            new[] { call }.ToEquatableArray());
        scope.References.Insert(place, new ContractModel(
            isDelegate ? ContractKind.Delegate : ContractKind.Closed,
            code,
            TypeNames.Display(plain),
            TypeNames.Wire(plain),
            Fingerprint: 0, // Computed when all shapes are known.
            name + "Proxy",
            stub,
            new[] { member }.ToEquatableArray()));
        return stub;
    }

    /// <summary>
    /// A task that a delegate returns is never null, nor is a type whose constraint excludes null; other references
    /// may be null.
    /// </summary>
    private static NullableAnnotation AnnotationOf(ITypeSymbol type, ITypeParameterSymbol parameter)
        => WellKnownTypes.IsTask(type)
            || (TypeNames.ForbidsNull(parameter) && type.NullableAnnotation != NullableAnnotation.Annotated)
            ? NullableAnnotation.NotAnnotated
            : NullableAnnotation.None;

    private ITypeSymbol WithoutNullability(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return scope.Compilation.CreateArrayTypeSymbol(WithoutNullability(array.ElementType), array.Rank);
            case INamedTypeSymbol named:
                var definition = named.ContainingType is { IsGenericType: true } container
                    ? ((INamedTypeSymbol)WithoutNullability(container)).GetTypeMembers(named.Name, named.Arity).Single()
                    : named.OriginalDefinition;
                return named.Arity == 0
                    ? definition.WithNullableAnnotation(NullableAnnotation.None)
                    : definition.Construct(
                        [.. named.TypeArguments.Select(WithoutNullability)],
                        [.. named.TypeArguments.Select(
                            (argument, i) => AnnotationOf(argument, named.TypeParameters[i]))]);
            default:
                return type.IsReferenceType ? type.WithNullableAnnotation(NullableAnnotation.None) : type;
        }
    }
}
