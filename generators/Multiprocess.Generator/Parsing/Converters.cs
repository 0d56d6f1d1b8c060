using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Finds the converter of a type: a converter of the user, or a formatter of MessagePack-CSharp.</summary>
internal sealed class Converters(FileScope scope)
{
    private readonly Dictionary<string, string> _formatters = [];

    /// <summary>The converters of a place, from its attributes; null if they were refused.</summary>
    public PlaceConverters? FindOwn(ITypeSymbol type, IEnumerable<AttributeData> attributes, Site site)
    {
        var own = new PlaceConverters();
        foreach (var attribute in attributes.Where(attribute => IsConverter(attribute) || IsFormatter(attribute)))
        {
            if (Named(attribute, type, site) is not { } named)
            {
                return null;
            }

            own.Add(named);
        }

        return own;
    }

    /// <summary>
    /// The converter that a place names for its type or for a type inside it; false if there are several.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="own">The converters of the place.</param>
    /// <param name="isWhole">Whether the type is the complete type of the place.</param>
    /// <param name="converter">The converter, or null.</param>
    public bool TryFind(ITypeSymbol type, PlaceConverters own, bool isWhole, out Converter? converter)
    {
        converter = null;
        foreach (var named in own.All)
        {
            if (!named.Converts(type) || (named.IsMessagePacks && !isWhole))
            {
                continue;
            }

            own.Use(named);
            if (converter is not null)
            {
                scope.Refusals.Add(
                    Rules.Converter,
                    named.Place,
                    TypeNames.Display(named.Type),
                    $"'{TypeNames.Display(type)}' has another one here");
                return false;
            }

            converter = named;
        }

        return true;
    }

    /// <summary>Refuses a converter that converts nothing in its place.</summary>
    public bool AreAllUsed(ITypeSymbol type, PlaceConverters own)
    {
        foreach (var named in own.Unused)
        {
            string interfaces = named.Make is null ? "IIpcConverter<T>" : "IMessagePackFormatter<T>";
            string orPart = named.IsMessagePacks ? "" : " nor for a type that this is made of";
            scope.Refusals.Add(
                Rules.Converter, named.Place, TypeNames.Display(named.Type),
                $"it implements {interfaces} {(named.IsMessagePacks ? "not" : "neither")} for '{TypeNames.Display(Converter.WithoutNull(type))}'{orPart}");
            return false;
        }

        return true;
    }

    /// <summary>The converter of a type in all places of the contract; false if there are several.</summary>
    public bool TryFind(ITypeSymbol type, Site site, out Converter? converter)
    {
        converter = null;
        var attributes = type.GetAttributes()
            .Concat(scope.Here.Contracts.SelectMany(contract => contract.GetAttributes()))
            .Concat(scope.Assembly.GetAttributes());
        foreach (var attribute in attributes.Where(IsConverter))
        {
            if (Named(attribute, type, site) is not { } named)
            {
                return false;
            }

            if (!named.Converts(type) || (converter is not null && named.IsSame(converter)))
            {
                continue;
            }

            if (converter is not null)
            {
                scope.Refusals.Add(
                    Rules.Converter,
                    named.Place,
                    TypeNames.Display(named.Type),
                    $"'{TypeNames.Display(type)}' has '{TypeNames.Display(converter.Type)}' already");
                return false;
            }

            converter = named;
        }

        return converter is not null || TryFindFormatter(type, site, out converter);
    }

    /// <summary>The name of the type in the generated file that creates a formatter.</summary>
    public string SourceOf(Converter formatter)
    {
        if (!_formatters.TryGetValue(formatter.Make!, out string? name))
        {
            name = scope.Names.TakeFormatter(formatter.Type);
            _formatters.Add(formatter.Make!, name);
            scope.Formatters.Add(new FormatterModel(name, TypeNames.Display(formatter.Type), formatter.Make!));
        }

        return name;
    }

    /// <summary>
    /// The formatter in MessagePack's own attribute on the type. Converters that the program names take precedence.
    /// </summary>
    private bool TryFindFormatter(ITypeSymbol type, Site site, out Converter? formatter)
    {
        formatter = null;
        var bare = Converter.WithoutNull(type);
        if (bare.GetAttributes().FirstOrDefault(IsFormatter) is not { } attribute)
        {
            return true;
        }

        formatter = Named(attribute, bare, site);
        if (formatter is not null && !formatter.Converts(type))
        {
            scope.Refusals.Add(
                Rules.Converter,
                formatter.Place,
                TypeNames.Display(formatter.Type),
                $"it does not implement IMessagePackFormatter<T> for '{TypeNames.Display(bare)}'");
            formatter = null;
        }

        return formatter is not null;
    }

    private static bool IsConverter(AttributeData attribute)
        => attribute.AttributeClass is { Name: "IpcConverterAttribute" } type
            && WellKnownTypes.FullName(type) == WellKnownTypes.IpcConverter;

    private static bool IsFormatter(AttributeData attribute)
        => attribute.AttributeClass is { } type && WellKnownTypes.Is(type, WellKnownTypes.MessagePackFormatter);

    private static bool Implements(INamedTypeSymbol type, string contract)
        => type.AllInterfaces.Any(found => WellKnownTypes.FullName(found) == contract);

    /// <summary>The converter that an attribute names; null if generated code cannot use it.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="type">The converted type: a generic formatter is closed with its type arguments, as MessagePack
    /// does.</param>
    /// <param name="site">Where it is used.</param>
    private Converter? Named(AttributeData attribute, ITypeSymbol type, Site site)
    {
        var place = Site.Of(attribute, site.Location);
        bool isMessagePacks = IsFormatter(attribute);
        var named = attribute.ConstructorArguments.FirstOrDefault().Value as INamedTypeSymbol;
        if (named is null or { TypeKind: TypeKind.Error })
        {
            scope.HasCompilerErrors = true;
            return null;
        }

        if (isMessagePacks
            && named.IsUnboundGenericType
            && Converter.WithoutNull(type) is INamedTypeSymbol generic
            && generic.Arity == named.Arity)
        {
            named = named.OriginalDefinition.Construct([.. generic.TypeArguments]);
        }

        bool isConverter = Implements(named, WellKnownTypes.ConverterInterface) && !isMessagePacks;
        bool isFormatter = Implements(named, WellKnownTypes.FormatterInterface);
        string? make = null;
        string? problem = named.IsUnboundGenericType || named.TypeKind == TypeKind.Interface || named.IsAbstract
            ? "it is not a closed class or struct"
            : isMessagePacks && !isFormatter ? "it does not implement IMessagePackFormatter<T>"
            : !isConverter && !isFormatter ? "it implements neither IIpcConverter<T> nor IMessagePackFormatter<T>"
            : scope.AliasOf(named) is { } alias
                ? $"its assembly is referred to only under the alias '{alias}'; refer to it as 'global' too"
            : named.IsFileLocal || !scope.IsAccessible(named)
                ? "generated code cannot name it; make it internal or public"
            : !isConverter && (make = Make(named, attribute)) is null
                ? "it has no accessible constructor for the attribute's arguments, and no field 'Instance'"
            : null;
        if (problem is not null)
        {
            scope.Refusals.Add(Rules.Converter, place, TypeNames.Display(named), problem);
            return null;
        }

        scope.AddWarnings(named);
        return new Converter(named, make, place, isMessagePacks);
    }

    /// <summary>
    /// The expression that creates a formatter, by MessagePack's rule: its constructor, or else its field
    /// <c>Instance</c>.
    /// </summary>
    private string? Make(INamedTypeSymbol type, AttributeData attribute)
    {
        var arguments = attribute.ConstructorArguments.Skip(1)
            .SelectMany(argument => argument.Kind == TypedConstantKind.Array ? argument.Values : [argument])
            .ToList();
        string name = TypeNames.CodeWithoutNull(type);
        var constructor = type.InstanceConstructors.FirstOrDefault(
            candidate => scope.IsAccessible(candidate) && Takes(candidate, arguments));
        if (constructor is not null)
        {
            var values = arguments.Select(
                (argument, i) => DefaultValues.Constant(argument, constructor.Parameters[i].Type));
            return $"new {name}({string.Join(", ", values)})";
        }

        return arguments.Count == 0
            && type.GetMembers("Instance")
                .Any(member => member is IFieldSymbol { IsStatic: true } && scope.IsAccessible(member))
            ? name + ".Instance"
            : null;
    }

    private bool Takes(IMethodSymbol constructor, List<TypedConstant> arguments)
        => constructor.Parameters.Length == arguments.Count
            && arguments.Select((argument, i) => Takes(constructor.Parameters[i].Type, argument)).All(fits => fits);

    private bool Takes(ITypeSymbol type, TypedConstant argument)
        => argument.IsNull
            ? type is { IsReferenceType: true } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T }
            : scope.Compilation.ClassifyCommonConversion(argument.Type!, type).IsImplicit;
}
