using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Makes the contract of a marked interface, of its own members and those of all its base interfaces.</summary>
internal sealed class ContractParser
{
    private readonly INamedTypeSymbol _type;
    private readonly FileScope _scope;
    private readonly CallParser _calls;
    private readonly Location _name;

    /// <summary>Member names that more than one of the interfaces declares: the target is cast to reach the right one.</summary>
    private readonly HashSet<string> _ambiguousNames;

    /// <summary>Signatures that more than one of the interfaces declares: their ids tell the interfaces apart.</summary>
    private readonly HashSet<string> _ambiguousSignatures;

    private readonly Dictionary<uint, IMethodSymbol> _ids = [];
    private readonly Dictionary<ISymbol, Location> _baseLocations = new(SymbolEqualityComparer.Default);

    public ContractParser(INamedTypeSymbol type, FileScope scope)
    {
        _type = type;
        _scope = scope;
        _calls = new CallParser(scope, new TypeResolver(scope));
        _name = Site.NameOf(type, Location.None);
        var members = Interfaces.SelectMany(RemoteMembers).ToList();
        _ambiguousNames = [.. members.GroupBy(member => member.Name)
            .Where(group => group.Select(member => member.ContainingType).Distinct(SymbolEqualityComparer.Default).Skip(1).Any())
            .Select(group => group.Key)];
        _ambiguousSignatures = [.. members.SelectMany(MethodsOf).Select(SignatureOf)
            .GroupBy(signature => signature)
            .Where(group => group.Skip(1).Any())
            .Select(group => group.Key)];
    }

    private IEnumerable<INamedTypeSymbol> Interfaces => new[] { _type }.Concat(_type.AllInterfaces);

    /// <summary>The contract, or null when something was refused.</summary>
    public ContractModel? Parse()
    {
        if (!ContractShape.Check(_type, _name, _scope))
        {
            return null;
        }

        var members = new List<MemberModel>();
        foreach (var member in Interfaces.SelectMany(type => type.GetMembers()))
        {
            if (ContractShape.IsRemote(member) && ContractShape.CheckMember(member, Site.NameOf(member, BaseLocation(member)), _scope))
            {
                members.Add(ParseMember(member));
            }
        }

        if (_scope.Refusals.All.Count != 0 || _scope.HasCompilerErrors)
        {
            return null;
        }

        string name = GeneratedNames.OfContract(_type, _scope);
        return new ContractModel(
            ContractKind.Interface,
            TypeNames.CodeWithoutNull(_type),
            TypeNames.Display(_type),
            TypeNames.Wire(_type),
            WireIds.Fingerprint(_ids.Keys),
            name + "Proxy",
            name + "Stub",
            members.ToEquatableArray());
    }

    private static IEnumerable<ISymbol> RemoteMembers(INamedTypeSymbol type) => type.GetMembers().Where(ContractShape.IsRemote);

    private static IEnumerable<IMethodSymbol> MethodsOf(ISymbol member) => (member switch
    {
        IPropertySymbol property => new[] { property.GetMethod, property.SetMethod },
        IEventSymbol @event => [@event.AddMethod, @event.RemoveMethod],
        _ => [member as IMethodSymbol],
    }).OfType<IMethodSymbol>();

    private static string SignatureOf(IMethodSymbol method) => WireIds.Signature(method.MetadataName, method.Parameters, method.ReturnType);

    private MemberModel ParseMember(ISymbol member)
    {
        _scope.UsesObsolete |= member.HasAttribute(WellKnownTypes.Obsolete);
        var methods = MethodsOf(member).ToList();
        var options = member.FindAttribute(WellKnownTypes.IpcMethod);
        uint fixedId = options?.ConstructorArguments.FirstOrDefault().Value as uint? ?? 0;
        string owner = TypeNames.CodeWithoutNull(member.ContainingType);
        bool isHidden = !SymbolEqualityComparer.Default.Equals(member.ContainingType, _type) && _ambiguousNames.Contains(member.Name);
        string target = isHidden ? $"(({owner})target)" : "target";
        bool isIndexer = member is IPropertySymbol { IsIndexer: true };
        string targetMember = isIndexer ? target : target + "." + TypeNames.Escape(member.Name);
        var otherwise = BaseLocation(member);
        var calls = new List<CallModel>();
        for (int i = 0; i < methods.Count; i++)
        {
            // A fixed id of a property or an event is its first accessor's; the second one has the next.
            uint id = TakeId(methods[i], fixedId == 0 ? 0 : fixedId + (uint)i, otherwise);
            bool isOneWay = member is IMethodSymbol && member.HasAttribute(WellKnownTypes.IpcOneWay);
            int timeout = MethodOptions.Timeout(member, methods[i], isOneWay, otherwise, _scope);
            if (_calls.ParseMember(methods[i], id, targetMember, new CallOptions(isOneWay, timeout, otherwise)) is { } call)
            {
                calls.Add(call);
            }
        }

        return new MemberModel(
            member switch
            {
                IMethodSymbol => MemberKind.Method,
                IEventSymbol => MemberKind.Event,
                _ => isIndexer ? MemberKind.Indexer : MemberKind.Property,
            },
            owner,
            TypeNames.Escape(member.Name),
            member switch
            {
                IMethodSymbol method => CallParser.ReturnType(method),
                IPropertySymbol property => TypeNames.Code(property.Type),
                IEventSymbol @event => TypeNames.Code(@event.Type),
                _ => "",
            },
            calls.Count != 0 && isIndexer ? calls[0].Parameters.Take(((IPropertySymbol)member).Parameters.Length).ToEquatableArray() : default,
            calls.ToEquatableArray());
    }

    /// <summary>The wire id of a method: the one it was given, or the hash of its signature.</summary>
    private uint TakeId(IMethodSymbol method, uint fixedId, Location otherwise)
    {
        var member = method.AssociatedSymbol ?? method;
        string signature = SignatureOf(method);
        uint own = method.FindAttribute(WellKnownTypes.IpcMethod)?.ConstructorArguments.FirstOrDefault().Value as uint? ?? 0;
        uint id = own != 0 ? own
            : fixedId != 0 ? fixedId
            : WireIds.OfSignature(_ambiguousSignatures.Contains(signature) ? TypeNames.Wire(method.ContainingType) + "." + signature : signature);
        if (_ids.TryGetValue(id, out var other))
        {
            _scope.Refusals.Add(
                Rules.IdCollision,
                Site.NameOf(member, otherwise),
                member.Name,
                id.ToString("X8", System.Globalization.CultureInfo.InvariantCulture),
                (other.AssociatedSymbol ?? other).ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
        }
        else
        {
            _ids.Add(id, method);
        }

        return id;
    }

    /// <summary>The base interface in the user's source through which a member of another assembly, or of a closed generic base, came.</summary>
    private Location BaseLocation(ISymbol member)
    {
        if (member.Locations.Any(location => location.IsInSource) && !member.ContainingType.IsGenericType)
        {
            return _name;
        }

        if (!_baseLocations.TryGetValue(member.ContainingType, out var found))
        {
            _baseLocations.Add(member.ContainingType, found = FindBaseLocation(member.ContainingType));
        }

        return found;
    }

    private Location FindBaseLocation(INamedTypeSymbol owner)
    {
        foreach (var reference in _type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(_scope.CancellationToken) is not InterfaceDeclarationSyntax { BaseList: { } bases } declaration)
            {
                continue;
            }

            var model = _scope.Compilation.GetSemanticModel(declaration.SyntaxTree);
            foreach (var entry in bases.Types)
            {
                if (model.GetSymbolInfo(entry.Type, _scope.CancellationToken).Symbol is INamedTypeSymbol type
                    && type.AllInterfaces.Add(type).Contains(owner, SymbolEqualityComparer.Default))
                {
                    return entry.Type.GetLocation();
                }
            }
        }

        return _name;
    }
}
