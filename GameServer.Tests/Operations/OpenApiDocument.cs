using System.Text.Json;

namespace GameServer.Tests.Operations;

/// <summary>Holds answers against an OpenAPI document: status, content type, and the schema with nothing left out and nothing added.</summary>
internal sealed class OpenApiDocument(JsonElement root)
{
    /// <summary>What is wrong with an answer, or null.</summary>
    public string? Problem(string method, string path, int status, string contentType, string body)
    {
        if (!root.GetProperty("paths").TryGetProperty(path, out JsonElement route) || !route.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation))
        {
            return "not documented";
        }

        JsonElement responses = operation.GetProperty("responses");
        string code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!responses.TryGetProperty(code, out JsonElement response))
        {
            if (status < 400 || !responses.TryGetProperty("default", out response))
            {
                return $"{status} is not documented";
            }
        }

        string plain = contentType.Split(';')[0];
        foreach (JsonProperty content in Resolve(response).GetProperty("content").EnumerateObject())
        {
            if (content.Name == contentType || content.Name == plain)
            {
                return plain.EndsWith("json", StringComparison.Ordinal) ? Check(JsonDocument.Parse(body).RootElement, content.Value.GetProperty("schema"), "$") : null;
            }
        }

        return $"{contentType} is not documented for {status}";
    }

    private JsonElement Resolve(JsonElement element)
    {
        while (element.TryGetProperty("$ref", out JsonElement reference))
        {
            element = reference.GetString()!.Split('/').Skip(1).Aggregate(root, static (parent, name) => parent.GetProperty(name));
        }

        return element;
    }

    private string? Check(JsonElement value, JsonElement schema, string at)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("enum", out JsonElement allowed) && !allowed.EnumerateArray().Any(a => a.GetRawText() == value.GetRawText()))
        {
            return $"{at} is {value.GetRawText()}, which is none of {allowed.GetRawText()}";
        }

        string? type = schema.TryGetProperty("type", out JsonElement named) ? named.GetString() : null;
        bool fits = type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            _ => true,
        };
        return !fits ? $"{at} is {value.GetRawText()}, not a {type}"
            : type == "array" && schema.TryGetProperty("items", out JsonElement items) ? value.EnumerateArray().Select((v, i) => Check(v, items, $"{at}[{i}]")).FirstOrDefault(static p => p is not null)
            : type == "object" ? CheckObject(value, schema, at)
            : null;
    }

    private string? CheckObject(JsonElement value, JsonElement schema, string at)
    {
        foreach (JsonElement required in schema.TryGetProperty("required", out JsonElement names) ? names.EnumerateArray() : default)
        {
            if (!value.TryGetProperty(required.GetString()!, out _))
            {
                return $"{at}.{required} is missing";
            }
        }

        if (!schema.TryGetProperty("properties", out JsonElement properties))
        {
            return null;
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(member.Name, out JsonElement of))
            {
                return $"{at}.{member.Name} is not documented";
            }

            if (Check(member.Value, of, $"{at}.{member.Name}") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }
}
