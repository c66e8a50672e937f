//! The rooms of the house: which may use which, and that no files of one room use each other in a circle. The table is
//! that of `docs/architecture.md`; tests inside `src/` may use everything.

use petgraph::algo::{is_cyclic_directed, tarjan_scc};
use petgraph::graph::DiGraph;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The rooms and those each may use, from the table of `docs/architecture.md`: `everything` is every other room.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).expect("the map of the code");
    let mut out = BTreeMap::new();
    for row in text.lines().filter(|line| line.starts_with("| `src/")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let rooms = cells[1].split('`').filter_map(|cell| cell.strip_prefix("src/")?.strip_suffix('/'));
        let used = cells[3].split(',').map(|name| name.trim().to_string()).filter(|name| name != "–");
        let used: BTreeSet<String> = used.collect();
        out.extend(rooms.map(|room| (room.to_string(), used.clone())));
    }
    let all: BTreeSet<String> = out.keys().cloned().collect();
    for (room, used) in &mut out {
        if used.remove("everything") {
            used.extend(all.iter().filter(|other| *other != room).cloned());
        }
    }
    out
}

/// A file of the library: its module, `["check", "drift", "track"]`, and the code without comments and tests.
struct File {
    module: Vec<String>,
    code: String,
}

/// Every file of `src/` that is in a room and is no test.
fn files() -> Vec<File> {
    let mut out = Vec::new();
    let source = Path::new(ROOT).join("src");
    let mut open = vec![source.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&source).expect("inside").with_extension("");
            let mut module: Vec<String> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            let is_test = module.iter().any(|part| part == "tests");
            if path.extension().is_some_and(|e| e == "rs") && !is_test && !["lib", "main"].contains(&module[0].as_str())
            {
                let text = fs::read_to_string(&path).expect("UTF-8");
                out.push(File { module, code: code(&text) });
            }
        }
    }
    out.sort_by(|a, b| a.module.cmp(&b.module));
    out
}

/// A file up to its tests, without comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// The paths that follow `root` in the code, with `root::{a::b, c}` taken apart.
fn paths(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices(root) {
        let starts = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if starts {
            tree(&mut &code[at + root.len()..], &[], &mut out);
        }
    }
    out
}

/// Reads one path, or a group of paths, with what stands before it.
fn tree(rest: &mut &str, before: &[String], out: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        *rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('{') {
            *rest = inside;
            loop {
                *rest = rest.trim_start().trim_start_matches(',').trim_start();
                if let Some(after) = rest.strip_prefix('}') {
                    *rest = after;
                    return;
                }
                if rest.is_empty() {
                    return;
                }
                tree(rest, &path, out);
                if rest.trim_start().starts_with("as ") {
                    let end = rest.find([',', '}']).unwrap_or(rest.len());
                    *rest = &rest[end..];
                }
            }
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            *rest = after.trim_start_matches('*');
            out.push(path);
            return;
        }
        path.push(name.to_string());
        *rest = after;
        match rest.strip_prefix("::") {
            Some(after) if !after.starts_with('<') => *rest = after,
            _ => {
                out.push(path);
                return;
            }
        }
    }
}

/// The names that `lib.rs` and the roofs of rooms re-export, with where they come from.
fn reexports(code: &str, module: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    for (at, _) in code.match_indices("pub use ").chain(code.match_indices("pub(crate) use ")) {
        let statement = code[at..].split_once("use ").map_or("", |(_, rest)| rest);
        let mut found = Vec::new();
        tree(&mut &statement[..statement.find(';').unwrap_or(statement.len())], &[], &mut found);
        for path in found {
            let from = match path.first().map(String::as_str) {
                Some("crate") => path[1..].to_vec(),
                Some("super") => [&module[..module.len() - 1], &path[1..]].concat(),
                _ => [module, &path].concat(),
            };
            if let Some(name) = path.last() {
                out.insert(name.clone(), from);
            }
        }
    }
    out
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let lib = code(&fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).expect("the library"));
    let root = reexports(&lib, &[]);
    let rooms = table();
    let mut wrong = BTreeSet::new();
    for file in files() {
        let room = &file.module[0];
        let Some(may) = rooms.get(room) else {
            wrong.insert(format!("src/{room} is not in the table of docs/architecture.md"));
            continue;
        };
        for path in paths(&file.code, "crate::") {
            let Some(name) = path.first() else { continue };
            // A function of the root may have the name of a room.
            let used = if rooms.contains_key(name) { name } else { root.get(name).map_or(name, |from| &from[0]) };
            if used != room && !may.contains(used) {
                wrong.insert(format!("src/{} uses {used} ({})", file.module.join("/"), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn the_table_has_no_circle_and_names_only_rooms() {
    let rooms = table();
    assert!(rooms.len() > 10, "{rooms:?}");
    let mut graph: DiGraph<&str, ()> = DiGraph::new();
    let nodes: BTreeMap<&str, _> = rooms.keys().map(|room| (room.as_str(), graph.add_node(room))).collect();
    for (room, may) in &rooms {
        for used in may {
            let below = nodes.get(used.as_str()).unwrap_or_else(|| panic!("{room} may use {used}, which is no room"));
            graph.add_edge(nodes[room.as_str()], *below, ());
        }
    }
    assert!(!is_cyclic_directed(&graph), "{rooms:#?}");
}

/// Rooms whose files still use each other in a circle.
const CIRCLES: &[&str] = &[];

#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    let files = files();
    let modules: BTreeMap<&[String], usize> = files.iter().enumerate().map(|(i, f)| (f.module.as_slice(), i)).collect();
    let exported: Vec<BTreeMap<String, Vec<String>>> = files.iter().map(|f| reexports(&f.code, &f.module)).collect();
    // The file a path leads to, through re-exports.
    let resolve = |path: &[String]| -> Option<usize> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (1..=path.len()).rev().find(|n| modules.contains_key(&path[..*n]))?;
            let file = modules[&path[..length]];
            match path.get(length).and_then(|name| exported[file].get(name)) {
                Some(from) if *from != path => path = [from.as_slice(), &path[length + 1..]].concat(),
                _ => return Some(file),
            }
        }
        None
    };
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<_> = (0..files.len()).map(|i| graph.add_node(i)).collect();
    for (i, file) in files.iter().enumerate() {
        let parent = &file.module[..file.module.len() - 1];
        let mut used: Vec<Vec<String>> = paths(&file.code, "crate::");
        used.extend(
            paths(&file.code, "super::super::")
                .into_iter()
                .filter_map(|path| Some([file.module.get(..file.module.len().checked_sub(2)?)?, &path].concat())),
        );
        used.extend(paths(&file.code, "super::").into_iter().map(|path| [parent, &path].concat()));
        // A roof uses its own files by their bare names, other than to re-export them.
        let own = file.code.lines().filter(|line| line.trim_start().starts_with("use ")).collect::<Vec<_>>().join("\n");
        for name in
            files.iter().filter(|f| f.module.len() == file.module.len() + 1 && f.module.starts_with(&file.module))
        {
            let name = name.module.last().expect("a module has a name");
            let named =
                paths(&own, &format!("{name}::")).into_iter().chain(paths(&body(&file.code), &format!("{name}::")));
            used.extend(named.map(|path| [&file.module[..], std::slice::from_ref(name), &path].concat()));
        }
        for path in used {
            if let Some(j) = resolve(&path)
                && i != j
                && files[j].module[0] == file.module[0]
            {
                graph.update_edge(nodes[i], nodes[j], ());
            }
        }
    }
    let mut circles: Vec<String> = Vec::new();
    for circle in tarjan_scc(&graph).into_iter().filter(|c| c.len() > 1) {
        let mut names: Vec<String> = circle.iter().map(|n| files[graph[*n]].module.join("/")).collect();
        names.sort();
        let room = &files[graph[circle[0]]].module[0];
        if !CIRCLES.contains(&room.as_str()) {
            circles.push(names.join(", "));
        }
    }
    circles.sort();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

/// The code without `use` statements.
fn body(code: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in code.lines() {
        let start = line.trim_start();
        inside |= start.starts_with("use ") || start.starts_with("pub use ") || start.starts_with("pub(crate) use ");
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.contains(';');
    }
    out
}
