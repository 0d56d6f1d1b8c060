using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Creates the contract of a marked interface from its members and those of all its base interfaces.</summary>
internal sealed class ContractParser
{
    private readonly INamedTypeSymbol _type;
    private readonly FileScope _scope;
    private readonly CallParser _calls;
    private readonly Location _name;

    /// <summary>
    /// Names that more than one of the interfaces declares, including local and static members and types: the target
    /// is cast to reach the right one.
    /// </summary>
    private readonly HashSet<string> _ambiguousNames;

    /// <summary>
    /// Signatures that more than one of the interfaces declares: their ids include the interface's name.
    /// </summary>
    private readonly HashSet<string> _ambiguousSignatures;

    private readonly Dictionary<uint, IMethodSymbol> _ids = [];
    private readonly LocalNames _fallbacks = new([]);
    private readonly Dictionary<ISymbol, Location> _baseLocations = new(SymbolEqualityComparer.Default);

    /// <summary>Parses the marked interface of a file.</summary>
    public ContractParser(INamedTypeSymbol type, FileScope scope)
        : this(type, scope, new TypeResolver(scope), Site.NameOf(type, Location.None))
    {
    }

    /// <summary>Parses a generic contract that a signature closes, or that the assembly names.</summary>
    public ContractParser(INamedTypeSymbol type, FileScope scope, TypeResolver types, Location name)
    {
        _type = (INamedTypeSymbol)TypeNames.Settled(type).WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        _scope = scope;
        _calls = new CallParser(scope, types);
        _name = name;
        var members = Interfaces.SelectMany(RemoteMembers).ToList();
        _ambiguousNames = [.. Interfaces.SelectMany(each => each.GetMembers().Select(member => member.Name).Distinct())
            .GroupBy(declared => declared)
            .Where(group => group.Skip(1).Any())
            .Select(group => group.Key)];
        _ambiguousSignatures = [.. members.SelectMany(MethodsOf).Select(SignatureOf)
            .GroupBy(signature => signature)
            .Where(group => group.Skip(1).Any())
            .Select(group => group.Key)];
    }

    private IEnumerable<INamedTypeSymbol> Interfaces => new[] { _type }.Concat(_type.AllInterfaces);

    /// <summary>The contract; null if something was refused.</summary>
    public ContractModel? Parse()
    {
        // Code for a generic contract is generated if a signature closes it.
        bool isOpen = _type.TypeParameters.Length != 0 && _type.ContainingType is null;
        return !isOpen && ContractRules.Check(_type, _name, _scope) ? ParseHead(ContractKind.Interface) : null;
    }

    /// <summary>Adds the contract of a closed generic interface to those of the file.</summary>
    /// <returns>The name of its stub; null if it was refused.</returns>
    public string? ParseClosed(Site site) => _scope.Within(_type, () => ParseClosedHere(site));

    private string? ParseClosedHere(Site site)
    {
        if (_scope.Here.Stubs.TryGetValue(_type, out string? known))
        {
            return known;
        }

        if (_scope.Nesting.Begin(_type) is { } problem)
        {
            _scope.Refusals.Add(Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(_type), problem);
            return null;
        }

        string name = _scope.Names.TakeContract(_type);
        string stub = name + "Stub";
        _scope.Here.Stubs.Add(_type, stub);
        int place = _scope.References.Count;
        var members = ParseMembers();
        _scope.Nesting.End(_type);
        if (IsRefused)
        {
            return null;
        }

        // Contracts that this one mentions were added in the meantime: this one goes before them, in reading order.
        _scope.References.Insert(
            place,
            Build(ContractKind.Closed, name, members) with { MayBeRoot = !_scope.HasOptions });
        return stub;
    }

    /// <summary>
    /// The contract of a closed generic interface that the assembly names; null if something was refused.
    /// </summary>
    public ContractModel? ParseNamed()
    {
        if (!_scope.IsAccessible(_type))
        {
            _scope.Refusals.Add(Rules.InaccessibleType, _name, TypeNames.Display(_type));
            return null;
        }

        return ParseHead(ContractKind.Named);
    }

    /// <summary>Parses the main contract of the file, whose names are taken first.</summary>
    private ContractModel? ParseHead(ContractKind kind)
    {
        string name = _scope.Names.TakeContract(_type);
        if (kind == ContractKind.Named)
        {
            _scope.Here.Stubs.Add(_type, name + "Stub");
        }

        var members = ParseMembers();
        return IsRefused ? null : Build(kind, name, members);
    }

    private bool IsRefused => _scope.Refusals.All.Count != 0 || _scope.HasCompilerErrors;

    private List<MemberModel> ParseMembers()
    {
        var members = new List<MemberModel>();
        foreach (var type in Interfaces)
        {
            _scope.AddWarnings(type);
            if (_scope.AliasOf(type) is { } alias)
            {
                _scope.Refusals.Add(
                    Rules.UnsupportedType, FindBaseLocation(type), $"base of '{_type.Name}'", TypeNames.Display(type),
                    $"its assembly is referred to only under the alias '{alias}', which generated code cannot use; refer to it as 'global' too");
            }
        }

        foreach (var member in Interfaces.SelectMany(type => type.GetMembers()))
        {
            if (!ContractRules.IsRemote(member))
            {
                continue;
            }

            var name = Site.NameOf(member, BaseLocation(member));
            if (!ContractRules.CheckMember(member, name, _scope))
            {
                continue;
            }

            if (IsOutranked(member) && member.ContainingType.IsGenericType)
            {
                _scope.Refusals.Add(
                    Rules.NotImplementable, name, member.Name,
                    "outranked by an overload with [OverloadResolutionPriority] in a generic interface",
                    "leave the attribute out, or give one of them another name");
                continue;
            }

            members.Add(ParseMember(member));
        }

        return members;
    }

    private ContractModel Build(ContractKind kind, string name, List<MemberModel> members) => new(
        kind,
        TypeNames.CodeWithoutNull(_type),
        TypeNames.Display(_type),
        TypeNames.Wire(_type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)),
        Fingerprint: 0, // Computed when all shapes are known.
        name + "Proxy",
        name + "Stub",
        members.ToEquatableArray())
    {
        PassesDescriptors = DescriptorUse.In(_type, _scope.CancellationToken),
    };

    private static IEnumerable<ISymbol> RemoteMembers(INamedTypeSymbol type)
        => type.GetMembers().Where(ContractRules.IsRemote);

    /// <summary>The method itself, or the accessors of a property or an event.</summary>
    public static IEnumerable<IMethodSymbol> MethodsOf(ISymbol member) => (member switch
    {
        IPropertySymbol property => new[] { property.GetMethod, property.SetMethod },
        IEventSymbol @event => [@event.AddMethod, @event.RemoveMethod],
        _ => [member as IMethodSymbol],
    }).OfType<IMethodSymbol>();

    private static string SignatureOf(IMethodSymbol method) => WireIds.Signature(method);

    private MemberModel ParseMember(ISymbol member)
    {
        _scope.AddWarnings(member);
        var methods = MethodsOf(member).ToList();
        var options = member.FindAttribute(WellKnownTypes.IpcMethod);
        uint fixedId = options?.ConstructorArguments.FirstOrDefault().Value as uint? ?? 0;
        string owner = TypeNames.CodeWithoutNull(member.ContainingType);
        bool isHidden = !SymbolEqualityComparer.Default.Equals(member.ContainingType, _type)
            && _ambiguousNames.Contains(member.Name);
        string target = isHidden ? $"(({owner})target)" : "target";
        bool isIndexer = member is IPropertySymbol { IsIndexer: true };
        string targetMember = isIndexer ? target : target + "." + TypeNames.Escape(member.Name);
        var otherwise = BaseLocation(member);
        var calls = new List<CallModel>();
        for (int i = 0; i < methods.Count; i++)
        {
            // A fixed id of a property or an event is the id of its first accessor; the second accessor has the next
            // id.
            uint id = TakeId(methods[i], fixedId == 0 ? 0 : fixedId + (uint)i, otherwise, out bool isGiven);
            bool isOneWay = member is IMethodSymbol && member.HasAttribute(WellKnownTypes.IpcOneWay);
            int timeout = MethodOptions.Timeout(member, methods[i], isOneWay, otherwise, _scope);
            if (_calls.ParseMember(
                methods[i], id, targetMember, new CallOptions(isOneWay, timeout, otherwise, isGiven)) is { } call)
            {
                calls.Add(call with
                {
                    EventName = member is IEventSymbol ? member.Name : "",
                    HandlersAreOneWay = member is IEventSymbol && member.HasAttribute(WellKnownTypes.IpcOneWay),
                    ExactName = IsOutranked(member) ? methods[i].MetadataName : null,
                });
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
            calls.Count != 0 && isIndexer
                ? calls[0].Parameters.Take(((IPropertySymbol)member).Parameters.Length).ToEquatableArray()
                : default,
            calls.ToEquatableArray(),
            member.IsAbstract || calls.Count == 0 ? null : FallbackName(member));
    }

    /// <summary>Whether an ordinary call might choose another overload, which has a higher priority.</summary>
    private static bool IsOutranked(ISymbol member)
        => member.ContainingType.GetMembers(member.Name).Any(other => PriorityOf(other) > PriorityOf(member));

    private static int PriorityOf(ISymbol member)
        => member.FindAttribute(WellKnownTypes.OverloadResolutionPriority)
            ?.ConstructorArguments.FirstOrDefault().Value as int? ?? 0;

    /// <summary>
    /// The name of a class nested in the proxy. It cannot clash: the proxy implements its members explicitly.
    /// </summary>
    private string FallbackName(ISymbol member)
    {
        string name = _fallbacks.Take(member.MetadataName + "Fallback");
        return char.ToUpperInvariant(name[0]) + name.Substring(1);
    }

    /// <summary>The wire id of a method: the given id, or the hash of its signature.</summary>
    private uint TakeId(IMethodSymbol method, uint fixedId, Location otherwise, out bool isGiven)
    {
        var member = method.AssociatedSymbol ?? method;
        string signature = SignatureOf(method);
        uint own = method.FindAttribute(WellKnownTypes.IpcMethod)?.ConstructorArguments.FirstOrDefault().Value as uint?
            ?? 0;
        isGiven = own != 0 || fixedId != 0;
        uint id = own != 0 ? own
            : fixedId != 0 ? fixedId
            : WireIds.OfSignature(
                _ambiguousSignatures.Contains(signature)
                    ? TypeNames.Wire(method.ContainingType) + "." + signature
                    : signature);
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

    /// <summary>
    /// The base interface in the user's source that contributes a member of another assembly or of a closed generic
    /// base.
    /// </summary>
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
        if (_type.IsGenericType)
        {
            return _name; // The error is in the type arguments.
        }

        foreach (var reference in _type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(
                _scope.CancellationToken) is not InterfaceDeclarationSyntax { BaseList: { } bases } declaration)
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
