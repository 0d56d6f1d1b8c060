using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Decides how a type crosses: finds or creates its codec, or refuses the type.</summary>
internal sealed class TypeResolver(FileScope scope)
{
    private readonly Converters _converters = new(scope);

    /// <summary>The converters of the place that is being resolved; null if the place names none.</summary>
    private PlaceConverters? _here;

    /// <summary>The complete type of that place.</summary>
    private ITypeSymbol? _whole;

    /// <summary>The type and its codec, or null when it was refused.</summary>
    /// <param name="type">The type.</param>
    /// <param name="site">Where it is used.</param>
    /// <param name="parameter">The type parameter for which the type is an argument, if any.</param>
    public TypeModel? Resolve(ITypeSymbol type, Site site, ITypeParameterSymbol? parameter = null)
    {
        scope.CancellationToken.ThrowIfCancellationRequested();
        if (scope.Nesting.IsEndless)
        {
            return null;
        }

        if (scope.Nesting.Measure(type) is { } problem)
        {
            Refuse(type, site, problem);
            return null;
        }

        type = TypeNames.Settled(type);
        if (_here is not null || (parameter is not null && TypeNames.ForbidsNull(parameter)))
        {
            // The place has a converter or forbids null. This does not apply elsewhere, so the result is not stored.
            return ResolveNew(type, site, parameter);
        }

        if (!scope.Here.Resolved.TryGetValue(type, out var model)
            && (model = ResolveNew(type, site, parameter)) is not null)
        {
            scope.Here.Resolved[type] = model; // A type that contains itself may have been added in the meantime.
        }

        return model;
    }

    /// <summary>
    /// Resolves the type of a place whose attributes may name a converter and mark the place as sensitive.
    /// </summary>
    public TypeModel? Resolve(ITypeSymbol type, Site site, IReadOnlyCollection<AttributeData> attributes)
    {
        if (_converters.FindOwn(type, attributes, site) is not { } own)
        {
            return null;
        }

        var model = own.All.Count == 0 ? Resolve(type, site) : ResolveWith(own, type, site);
        if (model is not null && attributes.Any(WellKnownTypes.IsBorrowed))
        {
            if (own.All.Count > 0 || !CrossesByReference(type))
            {
                scope.Refusals.Add(
                    Rules.Borrowed,
                    site.Location,
                    site.Path,
                    $"'{TypeNames.Display(type)}' is not a reference");
                return null;
            }

            model = model with { Codec = $"{scope.Runtime("BorrowedCodec")}<{model.Type}, {model.Codec}>" };
        }

        return model is not null && attributes.Any(WellKnownTypes.IsSensitive)
            ? model with
            {
                Codec = $"{scope.Runtime("SensitiveCodec")}<{model.Type}, {model.Codec}>",
                IsSensitive = true,
            }
            : model;
    }

    private TypeModel? ResolveWith(PlaceConverters own, ITypeSymbol type, Site site)
    {
        _here = own;
        _whole = type;
        var model = Resolve(type, site);
        _here = null;
        _whole = null;
        return model is not null && _converters.AreAllUsed(type, own)
            ? model with { Wire = "converted " + TypeNames.Wire(type), Uses = default }
            : null;
    }

    /// <summary>
    /// Parses a type whose codec or contract serves all places: the converters of the current place do not apply
    /// inside.
    /// </summary>
    private T Apart<T>(Func<T> parse)
    {
        var here = _here;
        _here = null;
        var parsed = parse();
        _here = here;
        return parsed;
    }

    private TypeModel? ResolveNew(ITypeSymbol type, Site site, ITypeParameterSymbol? parameter)
    {
        if (type.TypeKind == TypeKind.Error)
        {
            scope.HasCompilerErrors = true;
            return null;
        }

        if (_here is not null)
        {
            if (!_converters.TryFind(type, _here, SymbolEqualityComparer.Default.Equals(type, _whole), out var own))
            {
                return null;
            }

            if (own is not null)
            {
                // Elsewhere the type may cross without the converter, so this place does not define its shape.
                return Convert(type, own, parameter) with { Wire = TypeNames.Wire(type) };
            }
        }

        if (!_converters.TryFind(type, site, out var converter))
        {
            return null;
        }

        if (converter is not null)
        {
            scope.AddShape(type, ShapeParser.OfConverted(type));
            return Convert(type, converter, parameter) with { Wire = TypeNames.Wire(type), Uses = Itself(type) };
        }

        if (Refuse(type, site))
        {
            return null;
        }

        scope.AddWarnings(type);
        bool admitsNull = TypeNames.AdmitsNull(type, parameter);
        string plain = TypeNames.CodeWithoutNull(type);
        if (CrossesByReference(type))
        {
            var (isValid, stub) = Apart(() => ParseReference((INamedTypeSymbol)type, site));
            if (!isValid)
            {
                return null;
            }

            if (stub is null && !WellKnownTypes.IsDisposable(type) && !WellKnownTypes.IsAsyncDisposable(type))
            {
                scope.OtherContracts.Add(plain);
            }

            string codec = scope.Runtime(admitsNull ? "ReferenceCodec" : "NonNullReferenceCodec");
            return new TypeModel(
                plain + (admitsNull ? "?" : ""),
                $"{codec}<{plain}{(stub is null ? "" : ", " + stub)}>") { Wire = TypeNames.Wire(type) };
        }

        string? byValue = ResolveByValue(type, site);
        if (byValue is null)
        {
            return null;
        }

        var model = admitsNull
            ? new TypeModel(plain + "?", $"{scope.Runtime("NullableReferenceCodec")}<{plain}, {byValue}>")
            : new TypeModel(plain, byValue);
        return model with { Wire = TypeNames.Wire(type), Uses = UsesOf(type, site) };
    }

    private static EquatableArray<string> Itself(ITypeSymbol type) => new[] { TypeNames.Wire(type) }.ToEquatableArray();

    /// <summary>
    /// The user's types that a type mentions and that cross by value. Framework types are the same on both sides.
    /// </summary>
    private EquatableArray<string> UsesOf(ITypeSymbol type, Site site)
    {
        if (type is IArrayTypeSymbol array)
        {
            return Resolve(array.ElementType, site)?.Uses ?? default;
        }

        var named = (INamedTypeSymbol)type;
        if (named.TypeKind == TypeKind.Enum)
        {
            if (WellKnownTypes.IsFramework(named))
            {
                return default;
            }

            scope.AddShape(named, ShapeParser.OfEnum(named));
            return Itself(named);
        }

        return named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
            || CodecTable.Find(WellKnownTypes.FullName(named)) is not null
            ? named.TypeArguments.SelectMany(
                (argument, i) => Resolve(argument, site, named.TypeParameters[i])?.Uses ?? default)
                .Distinct()
                .ToEquatableArray()
            : CodecTable.FindOfBytes(WellKnownTypes.FullName(named)) is not null || WellKnownTypes.IsFramework(named)
                ? default
            : Itself(named);
    }

    private TypeModel Convert(ITypeSymbol type, Converter converter, ITypeParameterSymbol? parameter)
    {
        bool isNullableValue = type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
        bool admitsNull = TypeNames.AdmitsNull(type, parameter);
        string plain = isNullableValue
            ? TypeNames.Code(((INamedTypeSymbol)type).TypeArguments[0])
            : TypeNames.CodeWithoutNull(type);
        if (converter.Make is not null && (isNullableValue ? converter.Formats(type) : admitsNull))
        {
            // Formatters write null themselves.
            return new TypeModel(
                plain + "?",
                $"{scope.Runtime("FormatterCodec")}<{plain}?, {_converters.SourceOf(converter)}>");
        }

        string codec = converter.Make is null
            ? $"{scope.Runtime("ConverterCodec")}<{plain}, {TypeNames.CodeWithoutNull(converter.Type)}>"
            : $"{scope.Runtime("NonNullFormatterCodec")}<{plain}, {_converters.SourceOf(converter)}>";
        return isNullableValue ? new TypeModel(plain + "?", $"{scope.Runtime("NullableCodec")}<{plain}, {codec}>")
            : admitsNull ? new TypeModel(plain + "?", $"{scope.Runtime("NullableReferenceCodec")}<{plain}, {codec}>")
            : new TypeModel(plain, codec);
    }

    /// <summary>
    /// Requests code for the contract of a reference that a signature closes; false if the contract was refused.
    /// </summary>
    /// <returns>The stub; null if one stub of the type serves the whole assembly.</returns>
    private (bool IsValid, string? Stub) ParseReference(INamedTypeSymbol type, Site site)
    {
        if (type.TypeKind == TypeKind.Delegate || WellKnownTypes.IsProgress(type))
        {
            return (true, new ReferenceParser(scope, this).Parse(type, site));
        }

        return type.TypeArguments.Length == 0 ? (true, null)
            : new ContractParser(type, scope, this, site.Location).ParseClosed(site) is { } stub ? (true, stub)
            : (false, null);
    }

    private static bool CrossesByReference(ITypeSymbol type)
        => type.TypeKind == TypeKind.Delegate
            || WellKnownTypes.IsDisposable(type)
            || WellKnownTypes.IsAsyncDisposable(type)
            || WellKnownTypes.IsProgress(type)
            || (type.TypeKind == TypeKind.Interface
                && type.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface));

    private string? ResolveByValue(ITypeSymbol type, Site site)
    {
        if (type is IArrayTypeSymbol array)
        {
            return ResolveArray(array, site);
        }

        var named = (INamedTypeSymbol)type;
        if (named.TypeKind == TypeKind.Enum)
        {
            string codec = scope.Runtime(scope.Here.AllowsUndefinedEnumValues ? "OpenEnumCodec" : "EnumCodec");
            return $"{codec}<{TypeNames.Code(named)}>";
        }

        if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
        {
            return Compose("NullableCodec", named, site);
        }

        string name = WellKnownTypes.FullName(named);
        if (named.TypeArguments.Length == 1
            && named.TypeArguments[0].SpecialType == SpecialType.System_Byte
            && CodecTable.FindOfBytes(name) is { } ofBytes)
        {
            return scope.Runtime(ofBytes);
        }

        if (CodecTable.Find(name) is { } known)
        {
            return Compose(known, named, site);
        }

        if (UnionParser.IsUnion(named))
        {
            return Apart(() => new UnionParser(scope, this).Parse(named, site));
        }

        if (named.TypeKind == TypeKind.Interface)
        {
            if (WellKnownTypes.IsFramework(named))
            {
                Refuse(
                    type,
                    site,
                    "it is an interface of the framework, which you cannot mark; return a collection, or declare an interface of your own with [IpcInterface]");
                return null;
            }

            scope.Refusals.Add(Rules.UnmarkedInterface, site.Location, site.Path, TypeNames.Display(type));
            return null;
        }

        return Apart(() => new ValueParser(scope, this).Parse(named, site));
    }

    private string? ResolveArray(IArrayTypeSymbol array, Site site)
    {
        if (array.Rank == 1 && array.ElementType.SpecialType == SpecialType.System_Byte)
        {
            return scope.Runtime("ByteArrayCodec");
        }

        if (array.Rank > 4)
        {
            Refuse(array, site, "arrays have at most four dimensions here; use an array of arrays");
            return null;
        }

        string codec = scope.Runtime(array.Rank == 1 ? "ArrayCodec" : $"Array{array.Rank}DCodec");
        return Resolve(array.ElementType, site) is { } element ? $"{codec}<{element.Type}, {element.Codec}>" : null;
    }

    private string? Compose(string codec, INamedTypeSymbol type, Site site)
    {
        codec = scope.Runtime(codec);
        if (type.TypeArguments.Length == 0)
        {
            return codec;
        }

        var arguments = new List<string>();
        bool complete = true;
        for (int i = 0; i < type.TypeArguments.Length; i++)
        {
            if (Resolve(type.TypeArguments[i], site, type.TypeParameters[i]) is { } argument)
            {
                arguments.Add(argument.Type);
                arguments.Add(argument.Codec);
            }
            else
            {
                complete = false;
            }
        }

        return complete ? $"{codec}<{string.Join(", ", arguments)}>" : null;
    }

    /// <summary>Refuses types that no codec can carry, whatever they contain.</summary>
    private bool Refuse(ITypeSymbol type, Site site)
    {
        if (type.IsRefLikeType)
        {
            scope.Refusals.Add(Rules.RefStruct, site.Location, site.Path, TypeNames.Display(type));
            return true;
        }

        string? advice = scope.AliasOf(type) is { } alias
            ? $"its assembly is referred to only under the alias '{alias}', which generated code cannot use; refer "
                + $"to it as 'global' too, as in Aliases=\"global,{alias}\""
            : Unsupported.Advice(type);
        if (advice is not null)
        {
            Refuse(type, site, advice);
        }

        return advice is not null;
    }

    private void Refuse(ITypeSymbol type, Site site, string advice)
        => scope.Refusals.Add(Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(type), advice);
}
