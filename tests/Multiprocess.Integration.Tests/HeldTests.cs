using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Multiprocess.Scenarios;
using Multiprocess.Scenarios.Harness;
using Multiprocess.Serialization;

namespace Multiprocess.Integration.Tests;

/// <summary>The written list of shapes and types against the scenarios and tests that hold them.</summary>
public sealed partial class HeldTests
{
    private static readonly string s_tests = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..");

    private static IEnumerable<string[]> Rows
    {
        get
        {
            string text = File.ReadAllText(Path.Combine(s_tests, "README.md"));
            string section = text.Split("## What is held by which scenario")[1].Split("\n## ")[0];
            return section.Split('\n')
                .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith(
                    "| beside them |", StringComparison.Ordinal))
                .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
        }
    }

    [Test]
    public void Each_row_names_scenarios_that_exist()
    {
        var known = Scenario.All
            .Select(
                scenario => scenario.Name.StartsWith("Value: ", StringComparison.Ordinal)
                    || scenario.Name.StartsWith("Collection: ", StringComparison.Ordinal)
                    ? scenario.Name
                    : scenario.Name.Split(": ")[1].Replace(' ', '_'))
            .ToHashSet();

        foreach (string[] row in Rows)
        {
            string[] named = [.. Code().Matches(row[1]).Select(match => match.Groups[1].Value)];

            Assert.That(named, Is.Not.Empty, row[0]);
            Assert.That(named.Except(known), Is.Empty, row[0]);
        }
    }

    /// <summary>Scenarios are played from a list of their classes: a class that is not on it would never be.</summary>
    [Test]
    public void Every_class_with_scenarios_is_on_the_list()
    {
        string[] written = [.. typeof(Scenario).Assembly.GetTypes().SelectMany(Scenario.In).Select(
            scenario => scenario.Name)];

        Assert.That(written, Is.SubsetOf(Scenario.All.Select(scenario => scenario.Name)));
    }

    [Test]
    public void Tests_beside_the_scenarios_exist()
    {
        string[] named =
            [.. Rows.SelectMany(row => Code().Matches(row[2])).Select(match => match.Groups[1].Value).Distinct()];

        Assert.That(named, Is.Not.Empty);
        foreach (string name in named)
        {
            string[] parts = name.Split('.');
            string file = Directory.EnumerateFiles(s_tests, parts[0] + ".cs", SearchOption.AllDirectories).Single();
            Assert.That(File.ReadAllText(file), Does.Contain($" {parts[1]}("), name);
        }
    }

    /// <summary>A codec that is added to the runtime needs a scenario: no type may cross untried.</summary>
    [Test]
    public void Every_type_with_a_codec_of_its_own_is_in_a_scenario()
    {
        var used = new HashSet<string>();
        foreach (var type in typeof(IWorkshop).Assembly.GetTypes().Where(type => type.IsInterface))
        {
            foreach (var method in type.GetMethods())
            {
                Add(used, method.ReturnType);
                Array.ForEach(method.GetParameters(), parameter => Add(used, parameter.ParameterType));
            }
        }

        var carried = typeof(IIpcCodec<>).Assembly.GetTypes()
            .Where(type => type is { IsPublic: true, IsValueType: true })
            .SelectMany(type => type.GetInterfaces())
            .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IIpcCodec<>))
            .Select(face => NameOf(face.GetGenericArguments()[0]))
            // Enums, and what wraps another codec or asks the user's.
            .Where(name => name is not "T" and not "TValue" and not "TEnum");

        Assert.That(carried, Is.Not.Empty);
        Assert.That(carried.Distinct().Except(used), Is.Empty);
    }

    private static void Add(HashSet<string> used, Type type)
    {
        if (type.HasElementType)
        {
            Add(used, type.GetElementType()!);
        }

        used.Add(NameOf(type));
        Array.ForEach(type.GetGenericArguments(), argument => Add(used, argument));
    }

    private static string NameOf(Type type) => type.IsArray ? "array of rank " + type.GetArrayRank() : type.Name;

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
