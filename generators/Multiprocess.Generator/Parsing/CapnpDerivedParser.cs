using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Parses contracts that have no attributes of Cap'n Proto, in an assembly that asks for it.</summary>
internal sealed class CapnpDerivedParser
{
    private readonly INamedTypeSymbol _type;
    private readonly CapnpDerived _derived;
    private readonly ContractModel _contract;
    private readonly CapnpScope _scope;
    private readonly CapnpMethodParser _methods;
    private readonly List<string> _leftOut = [];

    private CapnpDerivedParser(
        INamedTypeSymbol type, ContractModel contract, FileScope file, CapnpDerived derived)
    {
        _type = type;
        _derived = derived;
        _contract = contract;
        _scope = new(type)
        {
            Derived = derived,
            File = file,
            ContractId = CapnpAttributes.Hex(CapnpDerived.IdOf(type)),
        };
        _methods = new(_scope);
    }

    /// <summary>The files of an assembly that asks for them; none if it does not.</summary>
    public static IEnumerable<CapnpFile> All(
        Compilation compilation, string? baseline, CancellationToken cancellationToken)
        => CapnpDerived.Of(compilation, compilation.Assembly, baseline) is { } derived
            ? TypesOf(compilation.Assembly.GlobalNamespace).Where(CapnpDerived.Applies)
                .Select(type => Parse(type, derived, out _, cancellationToken)).OfType<CapnpFile>()
            : [];

    /// <summary>
    /// The file of a contract; null if the contract itself is refused, which is reported elsewhere.
    /// </summary>
    public static CapnpFile? Parse(
        INamedTypeSymbol type, CapnpDerived derived, out Refusals refusals, CancellationToken cancellationToken)
    {
        refusals = new();
        FileModel model = FileParser.Parse(type, derived.Compilation, out FileScope file, cancellationToken);
        if (model.Contract is null || model.Errors.Count != 0)
        {
            return null;
        }

        var parser = new CapnpDerivedParser(type, model.Contract, file, derived);
        refusals = parser._scope.Refusals;
        CapnpContract? contract = null;
        try
        {
            contract = parser.Parse(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            refusals.Add(
                Rules.Failure, Site.NameOf(type, Location.None), TypeNames.Display(type), Failure.Describe(exception));
        }

        return CapnpContractParser.FileOf(type, contract, parser._scope);
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol space)
        => space.GetMembers().OfType<INamespaceOrTypeSymbol>()
            .SelectMany(member => member is INamedTypeSymbol type ? TypesOf(type).Prepend(type) : TypesOf(member));

    private CapnpContract Parse(CancellationToken cancellationToken)
    {
        string prefix = CapnpContractParser.PrefixOf(_type);
        _scope.Take(prefix + "Proxy");
        _scope.Take(prefix + "Stub");
        var ordinals = _derived.OrderOf(_contract).Select((id, ordinal) => (id, ordinal)).ToDictionary(
            each => each.id, each => each.ordinal);
        var calls = new Queue<uint>(_contract.Members.SelectMany(member => member.Calls).Select(call => call.Id));
        var methods = new List<CapnpMethod>();
        var destroys = new List<CapnpSpecial>();

        // As ContractParser goes through them, so that each method finds its id.
        foreach (var declarer in new[] { _type }.Concat(_type.AllInterfaces))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var member in declarer.GetMembers().Where(ContractRules.IsRemote))
            {
                var own = ContractParser.MethodsOf(member)
                    .Select(method => (Method: method, Ordinal: ordinals[calls.Dequeue()])).ToList();
                if (WellKnownTypes.IsDisposable(declarer) || WellKnownTypes.IsAsyncDisposable(declarer))
                {
                    destroys.Add(new(_scope.ContractId!, own[0].Ordinal, HasContext: true)
                    {
                        Name = WellKnownTypes.IsDisposable(declarer) ? "dispose" : "disposeAsync",
                    });
                }
                else
                {
                    methods.AddRange(Parse(member, declarer, own));
                }
            }
        }

        return new(
            TypeNames.CodeWithoutNull(_type),
            TypeNames.Display(_type),
            prefix,
            IsDelegate: false,
            methods.ToEquatableArray(),
            new[] { new CapnpSpecial(CapnpAttributes.Hex(CapnpDerived.ThreadsId), 0, HasContext: false) }
                .ToEquatableArray(),
            destroys.ToEquatableArray(),
            _type.AllInterfaces.Any(WellKnownTypes.IsDisposable),
            _type.AllInterfaces.Any(WellKnownTypes.IsAsyncDisposable))
        {
            LeftOut = _leftOut.ToEquatableArray(),
            IsGeneric = _type.IsGenericType,
        };
    }

    private List<CapnpMethod> Parse(
        ISymbol member, INamedTypeSymbol declarer, List<(IMethodSymbol Method, int Ordinal)> accessors)
    {
        Site site = new(
            Site.NameOf(member, Site.NameOf(_type, Location.None)), $"'{TypeNames.Display(declarer)}.{member.Name}'");
        List<CapnpMethod> ParseAll()
            => [.. accessors.Select(each => Parse(member, declarer, each, site)).OfType<CapnpMethod>()];
        if (!_derived.LeavesOut)
        {
            return ParseAll();
        }

        if (_scope.Try(ParseAll, out string? reason) is { } parsed)
        {
            return parsed;
        }

        _leftOut.Add(CapnpLeftOut.Implement(member, declarer, reason!));
        return [];
    }

    private CapnpMethod? Parse(
        ISymbol member, INamedTypeSymbol declarer, (IMethodSymbol Method, int Ordinal) accessor, Site site)
    {
        switch (member)
        {
            case IMethodSymbol:
                return _methods.Parse(
                    accessor.Method, declarer, null, null, site, accessor.Ordinal, CapnpCallKind.Method, member.Name);
            case IPropertySymbol { IsIndexer: false }:
                bool isGetter = accessor.Method.MethodKind == MethodKind.PropertyGet;
                return _methods.Parse(
                    accessor.Method,
                    declarer,
                    null,
                    null,
                    site,
                    accessor.Ordinal,
                    isGetter ? CapnpCallKind.Getter : CapnpCallKind.Setter,
                    member.Name);
            case IPropertySymbol:
                _scope.Refuse(site, "Cap'n Proto has no indexers; declare methods");
                return null;
            default:
                _scope.Refuse(site, "Cap'n Proto has no events; declare a method that takes a delegate type");
                return null;
        }
    }
}
