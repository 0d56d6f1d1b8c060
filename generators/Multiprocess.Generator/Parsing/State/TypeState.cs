using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>
/// Everything that an object of a type stores, including its base classes, and which members return and restore it.
/// </summary>
/// <remarks>
/// For source, the code shows what is stored where: names prove nothing. Another assembly has no source code: an
/// auto-property is known to store its value, any other member with a body is not, and a constructor is trusted only
/// if its author marks it with an attribute as restoring the value.
/// </remarks>
internal sealed class TypeState
{
    private readonly FileScope _scope;
    private readonly CodeFacts _code;
    private readonly List<Slot> _slots = [];
    private readonly Dictionary<ISymbol, Slot> _bySymbol = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, Slot> _byProperty = new(SymbolEqualityComparer.Default);

    /// <param name="levels">The type and its base classes, base classes first.</param>
    /// <param name="isDeclared">Whether the author has declared which members make up the whole value.</param>
    /// <param name="scope">The file that is being parsed.</param>
    public TypeState(IReadOnlyCollection<INamedTypeSymbol> levels, bool isDeclared, FileScope scope)
    {
        _scope = scope;
        _code = new CodeFacts(scope.Compilation, scope.CancellationToken);
        IsDeclared = isDeclared;
        foreach (var level in levels.Where(level => !WellKnownTypes.IsEventArgs(level)))
        {
            if (level.DeclaringSyntaxReferences.Length != 0)
            {
                AddSource(level.OriginalDefinition);
            }
            else
            {
                AddCompiled(level.OriginalDefinition);
            }
        }
    }

    /// <summary>
    /// Whether the author has declared which members make up the whole value; the declaration is trusted.
    /// </summary>
    public bool IsDeclared { get; }

    /// <summary>Everything that is stored.</summary>
    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>
    /// A class whose fields are not all known, and a member that may use them; null if all fields are known.
    /// </summary>
    public (INamedTypeSymbol Type, string Code)? Unknown { get; private set; }

    /// <summary>
    /// The slot that a member returns unchanged; null if the member computes its value, or if it is unknown.
    /// </summary>
    public Slot? ReadBy(ISymbol member)
    {
        if (member is IFieldSymbol)
        {
            return Of(member);
        }

        var property = (IPropertySymbol)member.OriginalDefinition;
        if (GetterOf(property) is not { } getter)
        {
            return null;
        }

        var owner = (IPropertySymbol)getter.AssociatedSymbol!;
        return _byProperty.TryGetValue(owner, out var slot) && IsAutomatic(getter) ? slot
            : IsSource(getter) && _code.ReturnedBy(getter) is { } place ? Of(place)
            : null;
    }

    /// <summary>Whether an object initializer in generated code restores the value that a member returns.</summary>
    public bool IsRestoredBySetter(ISymbol member)
    {
        if (member is IFieldSymbol field)
        {
            return !field.IsReadOnly;
        }

        if (!IsSettable(member, _scope))
        {
            return false;
        }

        if (IsDeclared)
        {
            return true;
        }

        var setter = SetterOf((IPropertySymbol)member)!;

        return ReadBy(member) is { } slot && (IsSource(setter)
            ? slot.Symbol is { } place && _code.Stores(setter, place)
            : IsAutomatic(setter)
                && slot.Property is { } property
                && SymbolEqualityComparer.Default.Equals(property, setter.AssociatedSymbol?.OriginalDefinition));
    }

    /// <summary>Whether generated code can set the member, whether or not that restores the value.</summary>
    public static bool IsSettable(ISymbol member, FileScope scope) => member switch
    {
        IPropertySymbol property
            => SetterOf(property) is { } setter
                && scope.IsAccessible(setter)
                && !WellKnownTypes.IsObsoleteAsError(setter),
        IFieldSymbol field => !field.IsReadOnly,
        _ => false,
    };

    /// <summary>Whether a constructor stores a parameter unchanged in the slot that a member returns.</summary>
    public bool IsTaken(IMethodSymbol constructor, IParameterSymbol parameter, ISymbol member)
        => IsDeclared
            || ConstructionParser.IsMarked(constructor)
            || (ReadBy(member) is { Symbol: { } place }
                && IsSource(constructor)
                && _code.Takes(constructor, parameter, place));

    /// <summary>Whether the compiler stores the property.</summary>
    public static bool IsAutomatic(IPropertySymbol property) => property.GetMethod is { } getter && IsAutomatic(getter);

    private static bool IsAutomatic(IMethodSymbol accessor)
        => IsSource(accessor) ? CodeFacts.IsAutomatic(accessor) : CompiledFacts.IsAutomatic(accessor);

    private static bool IsSource(IMethodSymbol method) => method.ContainingType.DeclaringSyntaxReferences.Length != 0;

    private static IMethodSymbol? GetterOf(IPropertySymbol property)
        => property.GetMethod
            ?? (property.OverriddenProperty is { } overridden ? GetterOf(overridden.OriginalDefinition) : null);

    private static IMethodSymbol? SetterOf(IPropertySymbol property)
        => property.SetMethod ?? (property.OverriddenProperty is { } overridden ? SetterOf(overridden) : null);

    private Slot? Of(ISymbol place) => _bySymbol.TryGetValue(place.OriginalDefinition, out var slot) ? slot : null;

    private void Add(Slot slot)
    {
        _slots.Add(slot);
        if (slot.Symbol is not null)
        {
            _bySymbol[slot.Symbol] = slot;
        }

        if (slot.Property is not null)
        {
            _byProperty[slot.Property] = slot;
        }
    }

    /// <summary>
    /// Whether a field is an ordinary field of the object. Captured parameters and events are found elsewhere.
    /// </summary>
    private static bool IsStored(IFieldSymbol field)
        => !field.IsStatic
            && !field.IsConst
            && (field.AssociatedSymbol is IPropertySymbol
                || (field.AssociatedSymbol is null && !field.IsImplicitlyDeclared));

    private void AddSource(INamedTypeSymbol type)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(IsStored))
        {
            var property = field.AssociatedSymbol as IPropertySymbol;
            Add(
                new Slot(
                    property?.Name ?? field.Name,
                    field,
                    property,
                    ValueMembers.IsIgnored(field) || (property is not null && ValueMembers.IsIgnored(property)),
                    Slot.NotPublic));
        }

        foreach (var parameter in _code.CapturedBy(type))
        {
            Add(new Slot(parameter.Name, parameter, null, IsIgnored: false, Slot.Captured));
        }

        foreach (var raised in type.GetMembers()
            .OfType<IEventSymbol>()
            .Where(raised => !raised.IsStatic && !raised.IsAbstract))
        {
            if (raised.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_scope.CancellationToken)
                is VariableDeclaratorSyntax { Parent.Parent: EventFieldDeclarationSyntax declaration })
            {
                bool isIgnored = declaration.AttributeLists.Where(list => list.Target?.Identifier.ValueText == "field")
                    .SelectMany(list => list.Attributes)
                    .Any(
                        attribute => attribute.Name.ToString() is var name && (name.Contains("NonSerialized")
                            || name.Contains("IgnoreDataMember")
                            || name.Contains("IgnoreMember")));
                Add(new Slot(raised.Name, raised, null, isIgnored, Slot.Handlers));
            }
        }
    }

    private void AddCompiled(INamedTypeSymbol type)
    {
        var fields = CompiledFacts.FieldsOf(type).ToList();
        var known = new HashSet<string>();
        foreach (var member in type.GetMembers().Where(member => !member.IsStatic && !member.IsAbstract))
        {
            switch (member)
            {
                case IFieldSymbol { IsConst: false, DeclaredAccessibility: Accessibility.Public } field:
                    Add(new Slot(field.Name, field, null, ValueMembers.IsIgnored(field), Slot.NotPublic));
                    known.Add(field.Name);
                    break;
                case IPropertySymbol { IsIndexer: false } property when property.GetMethod is { } getter
                    && CompiledFacts.IsAutomatic(getter)
                    && property.Name != "EqualityContract":
                    Add(
                        new Slot(
                            property.Name,
                            property,
                            property,
                            ValueMembers.IsIgnored(property)
                                || fields.Any(field => field.Property == property.Name && field.IsIgnored),
                            Slot.NotPublic));
                    known.Add($"<{property.Name}>k__BackingField");
                    break;
                case IEventSymbol { AddMethod: { } add } raised when CompiledFacts.IsAutomatic(add):
                    Add(
                        new Slot(
                            raised.Name,
                            raised,
                            null,
                            fields.Any(field => field.Name == raised.Name && field.IsIgnored),
                            Slot.Handlers));
                    known.Add(raised.Name);
                    break;
            }
        }

        foreach (var field in fields.Where(field => !known.Contains(field.Name)))
        {
            bool isCaptured = field.Name.StartsWith("<", StringComparison.Ordinal)
                && field.Name.EndsWith(">P", StringComparison.Ordinal);
            string name = field.Property ?? (isCaptured ? field.Name.Substring(1, field.Name.Length - 3) : field.Name);
            Add(new Slot(name, null, null, field.IsIgnored, isCaptured ? Slot.Captured : Slot.NotPublic));
        }

        if (CompiledFacts.HidesFields(type) && CompiledFacts.CodeOf(type) is { } code)
        {
            Unknown ??= (type, code);
        }
    }
}
