using Microsoft.CodeAnalysis;
using Multiprocess.Generator.CapnProto;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Parses a type that crosses as a struct: its members, its groups, and the cases of its union.</summary>
/// <remarks>
/// A type with cases is a union. Its own members are fields that all cases have. A case is the type of a member of the
/// union: its members are those of a group, or it has one member, or none for a Void. A case that is abstract has cases
/// of its own: it is a group with a union. All of them share the ordinals of one struct.
/// </remarks>
internal sealed class CapnpStructs(CapnpScope scope, CapnpTypes types, CapnpDerivedTypes derived)
{
    // Groups that are being parsed: a group that contains itself would never end.
    private readonly List<INamedTypeSymbol> _open = [];

    /// <summary>The codec of a struct.</summary>
    public string CodecOf(INamedTypeSymbol type, string code, Site site)
    {
        if (scope.Codecs.TryGetValue(code, out string? known))
        {
            return known;
        }

        string codec = Take(type);
        scope.Codecs.Add(code, codec);

        // The size of a struct that contains lists of itself is needed while its fields are resolved.
        scope.Sizes[codec] = new(0, 0);
        int refused = scope.Refusals.All.Count;
        if ((scope.Derived is null ? CapnpMembers.Of(type) : derived.MembersOf(type, site)) is not { } members)
        {
            return codec;
        }

        var fields = new CapnpFields(scope);
        var part = new Part(type, code, codec, site, members, inherited: null);
        Collect(part, fields, fields.Root);
        if (scope.Refusals.All.Count != refused || fields.Lay() is not { } laid)
        {
            return codec;
        }

        scope.Sizes[codec] = laid.Size;
        for (int i = 0; i < scope.Lists.Count; i++)
        {
            if (scope.Lists[i].Element.Codec == codec && scope.Lists[i].StructSize is not null)
            {
                scope.Lists[i] = scope.Lists[i] with { StructSize = laid.Size };
            }
        }

        CheckKeys(part);
        Finish(part, laid.Size, isPart: false);
        return codec;
    }

    private string Take(INamedTypeSymbol type)
        => scope.Take(TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + "Codec");

    // Fields in the order of their declaration; the cases of the union come last, by their keys.
    private void Collect(Part part, CapnpFields fields, FieldSpace space)
    {
        _open.Add(part.Type);
        foreach (var member in part.Own)
        {
            AttributeData? attribute = member.Symbol.FindAttribute(CapnpAttributes.Field);
            Site place = (part.Type.DeclaringSyntaxReferences.Length == 0
                ? part.Site
                : part.Site with { Location = Site.TypeOf(member.Symbol, part.Site.Location) }).Member(
                    TypeNames.Display(part.Type) + "." + member.Symbol.Name);
            if (scope.Derived is null && IsGroup(member.Type))
            {
                CollectGroup(part, member, attribute, place, fields, space);
                continue;
            }

            int has = CapnpAttributes.Number(attribute, "Has");
            if (types.Resolve(member.Type, place, attribute, has >= 0) is { } resolved)
            {
                CapnpFields.Entry entry = fields.Add(
                    TypeNames.Escape(member.Symbol.Name),
                    resolved,
                    place,
                    attribute is null ? null : CapnpAttributes.Ordinal(attribute),
                    types.DefaultOf(attribute, resolved, place),
                    has,
                    space);
                part.Add(entry);
                part.Fields.Add(() => CapnpFields.FieldOf(entry));
            }
        }

        if (scope.Derived is null && UnionCases.Of(part.Type).Any())
        {
            CollectCases(part, fields, space);
        }

        _open.RemoveAt(_open.Count - 1);
    }

    private static bool IsGroup(ITypeSymbol type)
        => (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type).HasAttribute(CapnpAttributes.Group);

    private void CollectGroup(
        Part part,
        CapnpMembers.Member member,
        AttributeData? attribute,
        Site place,
        CapnpFields fields,
        FieldSpace space)
    {
        var type = (INamedTypeSymbol)member.Type;
        string? problem = TypeNames.AdmitsNull(type)
                || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
            ? $"Expected a group that is always there, got '{TypeNames.Display(type)}', which may be null"
            : _open.Contains(type, SymbolEqualityComparer.Default)
            ? $"Expected fields, got the group '{TypeNames.Display(type)}' inside itself"
            : type.IsGenericType || (type.IsAbstract && !UnionCases.Of(type).Any())
            ? $"Expected a group with one layout, got '{TypeNames.Display(type)}', which is generic, or abstract "
                + "without the cases of a union"
            : null;
        if (problem is not null)
        {
            scope.Refuse(place, problem);
            return;
        }

        if (attribute is not null)
        {
            scope.RefuseOrdinal(
                place,
                $"Expected a group without an ordinal, because its members have ordinals, got {
                    CapnpAttributes.Ordinal(attribute)}");
            return;
        }

        string code = TypeNames.CodeWithoutNull(type);
        var group = new Part(type, code, Take(type), place, CapnpMembers.Of(type), inherited: null);
        Collect(group, fields, space);
        part.Groups.Add(group);
        part.Fields.Add(() => FieldOf(TypeNames.Escape(member.Symbol.Name), group));
    }

    private void CollectCases(Part part, CapnpFields fields, FieldSpace space)
    {
        var attributes = UnionCases.Of(part.Type).ToList();
        if (!part.Type.IsAbstract)
        {
            RefuseUnion(part, null, "it is not abstract, so its own values are not a case");
            return;
        }

        if (attributes.Count < 2)
        {
            RefuseUnion(part, null, "a union of Cap'n Proto needs at least two cases");
            return;
        }

        var union = new UnionLayout(space);
        part.Union = union;
        if ((part.Type.FindAttribute(CapnpAttributes.Struct) ?? part.Type.FindAttribute(CapnpAttributes.Group))
            is { } marked && CapnpAttributes.Number(marked, "UnionOrdinal") is >= 0 and int ordinal)
        {
            part.Add(fields.AddTag("union of " + TypeNames.Display(part.Type), part.Site, ordinal, union));
        }

        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var attribute in attributes.OrderBy(each => UnionCases.Read(each)?.Key ?? 0))
        {
            if (UnionCases.Read(attribute) is not { } read)
            {
                RefuseUnion(part, attribute, UnionCases.Unreadable);
                continue;
            }

            INamedTypeSymbol @case = read.Type;
            string? problem = !seen.Add(@case) ? $"'{TypeNames.Display(@case)}' is a case twice"
                : !SymbolEqualityComparer.Default.Equals(@case.BaseType, part.Type) || @case.IsGenericType
                ? $"'{TypeNames.Display(@case)}' does not derive directly from it"
                : @case.IsAbstract && !UnionCases.Of(@case).Any()
                ? $"'{TypeNames.Display(@case)}' is abstract, and has no cases of its own"
                : !TypeNames.IsReachable(@case)
                ? $"generated code cannot name '{TypeNames.Display(@case)}'; make it internal or public"
                : null;
            if (problem is not null)
            {
                RefuseUnion(part, attribute, problem);
                continue;
            }

            Site place = part.Site with { Location = Site.Of(attribute, part.Site.Location) };
            var own = new Part(
                @case,
                TypeNames.CodeWithoutNull(@case),
                Take(@case),
                place.Case(@case.Name),
                CapnpMembers.Of(@case),
                inherited: part);
            part.Cases.Add((read.Key, place, own));
            if (Hidden(own) is { } hidden)
            {
                RefuseUnion(
                    part, attribute, $"'{TypeNames.Display(@case)}' hides '{hidden}', which all cases have");
                continue;
            }

            FieldSpace inUnion = union.AddMember();
            CollectCase(own, fields, inUnion);
        }
    }

    private void CollectCase(Part own, CapnpFields fields, FieldSpace space)
    {
        AttributeData? attribute = own.Type.FindAttribute(CapnpAttributes.Field);
        bool isVoid = own.Own.Count == 0 && !own.Type.IsAbstract;
        if (isVoid)
        {
            own.Add(fields.AddVoid(
                own.Type.Name,
                own.Site,
                attribute is null ? null : CapnpAttributes.Ordinal(attribute),
                space));
        }
        else if (attribute is not null)
        {
            scope.RefuseOrdinal(
                own.Site,
                $"Expected a case without an ordinal, because its members have ordinals, got {
                    CapnpAttributes.Ordinal(attribute)}");
        }

        Collect(own, fields, space);
    }

    private static string? Hidden(Part part) => part.Inherited!.Members.FirstOrDefault(
        inherited => !part.Members.Exists(
            member => SymbolEqualityComparer.Default.Equals(member.Symbol, inherited.Symbol)))?.Symbol.Name;

    // As the compiler numbers them: by the lowest ordinal of each.
    private void CheckKeys(Part part)
    {
        int position = 0;
        foreach (var (key, place, own) in part.Cases.OrderBy(each => each.Part.First))
        {
            if (key != position)
            {
                scope.RefuseOrdinal(
                    place,
                    $"Expected the key {position} for '{TypeNames.Display(own.Type)}', the position of its lowest "
                        + $"ordinal, {own.First}, among those of all cases, got {key}");
            }

            position++;
        }

        foreach (var inner in part.Groups.Concat(part.Cases.Select(each => each.Part)))
        {
            CheckKeys(inner);
        }
    }

    private void Finish(Part part, CapnpSize size, bool isPart)
    {
        CapnpField[] fields = [.. part.AllFields];
        bool isUnion = part.Union is not null;
        var arguments = isUnion ? [] : CapnpMembers.Arguments(part.Type, part.Members);
        if (arguments is null)
        {
            scope.Refuse(
                part.Site,
                $"'{TypeNames.Display(part.Type)}' cannot be created again; give it a public constructor without "
                    + "parameters and members with set or init, or a constructor whose parameters are named like the "
                    + "members");
            return;
        }

        string[] taken = [.. arguments.Select(TypeNames.Escape)];
        scope.Structs.Add(new(
            part.Codec,
            part.Code,
            size,
            fields.ToEquatableArray(),
            taken.Select(name => fields.First(field => field.Name == name)).ToEquatableArray(),
            fields.Where(field => !taken.Contains(field.Name)).ToEquatableArray(),
            part.Type.IsTupleType)
        {
            Id = part.Type.FindAttribute(CapnpAttributes.Struct) is { } marked ? CapnpAttributes.First(marked) : 0,
            Tag = part.Union?.Discriminant ?? -1,
            Cases = part.Cases.OrderBy(each => each.Key).Select(each => new CapnpCase(
                each.Key, each.Part.Code, IsExact: !each.Part.Type.IsAbstract, FieldOf("", each.Part)))
                .ToEquatableArray(),
            IsPart = isPart,
            RefusesNull = part.Type.IsReferenceType && (isUnion || (isPart && part.Inherited is null)),
        });
        foreach (var inner in part.Groups.Concat(part.Cases.Select(each => each.Part)))
        {
            Finish(inner, size, isPart: true);
        }
    }

    private static CapnpField FieldOf(string name, Part part)
        => new(name, new CapnpType(CapnpForm.Group, part.Code, false) { Codec = part.Codec }, 0, "", -1, "");

    private void RefuseUnion(Part part, AttributeData? attribute, string problem) => scope.Refusals.Add(
        Rules.Union,
        attribute is null ? Site.NameOf(part.Type, part.Site.Location) : Site.Of(attribute, part.Site.Location),
        TypeNames.Display(part.Type),
        problem);

    /// <summary>A struct, a group, or a case of a union.</summary>
    private sealed class Part(
        INamedTypeSymbol type, string code, string codec, Site site, List<CapnpMembers.Member> members, Part? inherited)
    {
        private readonly List<CapnpFields.Entry> _entries = [];

        public INamedTypeSymbol Type => type;

        public string Code => code;

        public string Codec => codec;

        public Site Site => site;

        /// <summary>For a case: its union, whose members it has too.</summary>
        public Part? Inherited => inherited;

        public List<CapnpMembers.Member> Members => members;

        /// <summary>The members that its union does not have.</summary>
        public List<CapnpMembers.Member> Own { get; } =
        [
            .. members.Where(member => inherited is null || !inherited.Members.Exists(
                other => other.Symbol.Name == member.Symbol.Name)),
        ];

        /// <summary>Makes its own fields, once they have their places.</summary>
        public List<Func<CapnpField>> Fields { get; } = [];

        /// <summary>Its fields, those of its union first.</summary>
        public IEnumerable<CapnpField> AllFields
            => (inherited?.AllFields ?? []).Concat(Fields.Select(make => make()));

        public List<Part> Groups { get; } = [];

        public UnionLayout? Union { get; set; }

        public List<(int Key, Site Place, Part Part)> Cases { get; } = [];

        /// <summary>The lowest ordinal of its own fields, which decides about the position among cases.</summary>
        public int First => _entries.Select(entry => entry.Ordinal!.Value)
            .Concat(Groups.Concat(Cases.Select(each => each.Part)).Select(inner => inner.First))
            .DefaultIfEmpty(int.MaxValue).Min();

        public void Add(CapnpFields.Entry entry)
        {
            _entries.Add(entry);
            if (entry.Has is { } has)
            {
                _entries.Add(has);
            }
        }
    }
}
