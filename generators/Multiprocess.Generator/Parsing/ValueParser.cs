using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Creates the codec of a user's type that crosses by value: decides its members, their layout, and how a value is
/// restored.
/// </summary>
internal sealed class ValueParser(FileScope scope, TypeResolver types)
{
    private static readonly Dictionary<string, string> s_nothing = [];

    /// <summary>The name of the type's codec; null if the type was refused.</summary>
    public string? Parse(INamedTypeSymbol type, Site site)
    {
        type = (INamedTypeSymbol)type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        if (scope.Here.ValueCodecs.TryGetValue(type, out string? known))
        {
            return known;
        }

        string codecName = scope.Names.TakeCodec(type);
        scope.Here.ValueCodecs.Add(type, codecName); // Added before the members are parsed: a type may contain itself.
        int place = scope.Values.Count;
        if (scope.Nesting.Begin(type) is { } problem)
        {
            scope.Refusals.Add(Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(type), problem);
            return scope.Here.ValueCodecs[type] = null;
        }

        var model = ParseNew(type, codecName, site);
        scope.Nesting.End(type);
        if (model is null)
        {
            return scope.Here.ValueCodecs[type] = null;
        }

        scope.Values.Insert(place, model); // Inserted before the codecs of its members, in reading order.
        return codecName;
    }

    private ValueModel? ParseNew(INamedTypeSymbol type, string codecName, Site site)
    {
        if (type.IsAbstract)
        {
            scope.Refusals.Add(Rules.OpenHierarchy, site.Location, site.Path, TypeNames.Display(type));
            return null;
        }

        if (type.AllInterfaces.Any(contract => contract.SpecialType == SpecialType.System_Collections_IEnumerable))
        {
            scope.Refusals.Add(
                Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(type),
                "it is a custom collection; use a collection of the framework, or a record that contains one");
            return null;
        }

        if (type.HasAttribute("System.Runtime.CompilerServices.InlineArrayAttribute"))
        {
            scope.Refusals.Add(
                Rules.UnsupportedType,
                site.Location,
                site.Path,
                TypeNames.Display(type),
                "it is an inline array, of which only one element has a name; use an array");
            return null;
        }

        var layout = MessagePackKeys.LayoutOf(type);
        var value = ValueMembers.Find(type, stopAt: [], scope, site);
        var construction = value is null ? null : new ConstructionParser(scope).Choose(type, value, site, s_nothing);
        if (construction is null || !MessagePackKeys.Check(type, layout, construction.Members, scope, site))
        {
            return null;
        }

        return Build(type, codecName, layout, construction, site);
    }

    /// <summary>Builds the model; null if the type of a member was refused.</summary>
    public ValueModel? Build(
        INamedTypeSymbol type,
        string codecName,
        ValueLayout layout,
        Construction construction,
        Site site)
    {
        var models = new Dictionary<ISymbol, ValueMemberModel>(SymbolEqualityComparer.Default);
        var locals = new LocalNames(
            ["writer", "value", "reader", "context", "count", "message", "innerException", "index"]);
        bool complete = true;
        scope.AddWarnings(type);
        scope.AddWarnings(construction.Constructor);
        for (int i = 0; i < construction.Members.Count; i++)
        {
            var member = construction.Members[i];
            var memberType = ValueMembers.TypeOf(member);
            scope.AddWarnings(member);
            if (WellKnownTypes.IsObsoleteAsError(member)
                || member is IPropertySymbol { GetMethod: { } getter } && WellKnownTypes.IsObsoleteAsError(getter))
            {
                scope.Refusals.Add(
                    Rules.HiddenState,
                    site.Location,
                    site.Path,
                    TypeNames.Display(type),
                    member.Name,
                    "which is obsolete as an error");
                complete = false;
                continue;
            }

            var attributes = member.GetAttributes().AddRange(construction.ParameterOf(member)?.GetAttributes() ?? []);
            if (types.Resolve(memberType, site.Member(type.Name + "." + member.Name), attributes) is not { } model)
            {
                complete = false;
                continue;
            }

            // The wire type, after the words for its place.
            string wire = TypeNames.Wire(memberType);
            string withNull = TypeNames.WireWithNull(memberType, ValueMembers.TypeOf(member.OriginalDefinition));
            model = model with { WireWithNull = model.Wire.Substring(0, model.Wire.Length - wire.Length) + withNull };
            models.Add(member, new ValueMemberModel(
                TypeNames.Escape(member.Name),
                locals.Take(member.Name),
                model,
                layout == ValueLayout.IntegerKeys ? MessagePackKeys.IntegerKey(member) ?? i : i,
                MessagePackKeys.StringKey(member),
                DefaultValues.Of(construction.ParameterOf(member), memberType))
            {
                DescribedDefault = DefaultValues.DescribedMember(construction.ParameterOf(member)),
            });
        }

        if (!complete)
        {
            return null;
        }

        var arguments = construction.Arguments.Select(argument => new ArgumentModel(
            TypeNames.Escape(argument.Parameter.Name),
            argument.Member is null ? argument.Supplied! : models[argument.Member].Local));
        var ordered = construction.Members.Select(member => models[member])
            .OrderBy(member => member.IntegerKey)
            .ToList();
        scope.AddShape(type, ShapeParser.OfValue(type, layout, ordered));
        return new ValueModel(
            TypeNames.CodeWithoutNull(type),
            TypeNames.Display(type),
            codecName,
            layout,
            type.IsReferenceType,
            type is { IsReferenceType: true, IsSealed: false },
            ordered.ToEquatableArray(),
            arguments.ToEquatableArray(),
            construction.Initialized.Select(
                member => new ArgumentModel(models[member].Name, models[member].Local)).ToEquatableArray())
        {
            Shared = WellKnownTypes.IsEventArgs(type) ? TypeNames.CodeWithoutNull(type) + ".Empty" : null,
        };
    }
}
