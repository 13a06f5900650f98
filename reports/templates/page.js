"use strict";
(function () {
  var radios = document.querySelectorAll("input.switch");
  var place = "lang:" + location.pathname;
  function remembered() { try { return sessionStorage.getItem(place); } catch (refused) { return null; } }
  function remember(lang) { try { sessionStorage.setItem(place, lang); } catch (refused) { return; } }
  function speak(lang) { document.documentElement.lang = lang; }
  radios.forEach(function (radio) {
    if (radio.value === remembered()) { radio.checked = true; }
    radio.addEventListener("change", function () { speak(radio.value); remember(radio.value); });
  });
  speak(document.querySelector("input.switch:checked").value);

  function openTarget() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var box = target; box; box = box.parentElement) { if (box.tagName === "DETAILS") { box.open = true; } }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();

  var filter = document.getElementById("filter");
  var rows = Array.from(document.querySelectorAll("details.requirement"));
  var texts = rows.map(function (row) { return row.querySelector(".what").textContent.toLowerCase(); });
  function apply() {
    var words = document.getElementById("search").value.toLowerCase().split(/\s+/);
    var verdicts = new Set(Array.from(filter.querySelectorAll("[name=verdict]:checked"), function (box) { return box.value; }));
    var shown = 0;
    rows.forEach(function (row, index) {
      var fits = verdicts.has(row.dataset.verdict) && words.every(function (word) { return texts[index].includes(word); });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.querySelectorAll("details.area").forEach(function (area) {
      area.hidden = !area.querySelector("details.requirement:not([hidden])");
    });
    document.getElementById("shown").textContent = String(shown);
  }
  filter.hidden = false;
  filter.addEventListener("input", apply);
  filter.addEventListener("submit", function (event) { event.preventDefault(); });
  apply();
})();
